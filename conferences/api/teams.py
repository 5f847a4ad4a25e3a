from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.doors import managed
from conferences.api.invitations import Roles
from conferences.api.outcomes import ActDone
from conferences.models import Series, TeamInvitation, TeamMember
from conferences.teams import actions
from conferences.teams.access import CHANGE, READ
from conferences.teams.access import Scope as TeamScope
from conferences.teams.admin_views import INVITATIONS
from conferences.teams.forms import InvitationForm, RoleForm
from conferences.teams.overview import SentInvitation, TeamPerson, invitations_of, people_of

router = ApiRouter("Organising: teams")
NO_OWNER = "There would be no owner left."


class PersonInTeam(Answer):
    id: RowID = Field(description="Of the row in the team.")
    name: str
    email: str = Field(description="Only for owners; otherwise empty.")
    role: Roles
    through: str = Field(description="In words, if the role is one in the series; otherwise empty.")
    note: str

    EXAMPLE: ClassVar = {
        "id": 8,
        "name": "Ada Example",
        "email": "ada@example.org",
        "role": "owner",
        "through": "",
        "note": "",
    }

    @classmethod
    def of(cls, row: TeamPerson) -> "PersonInTeam":
        member = row.member
        return cls(
            id=member.pk,
            name=str(member.person),
            email=row.email,
            role=member.role,  # type: ignore[arg-type]
            through=row.through,
            note=row.note,
        )


class InvitationOfTeam(Answer):
    id: RowID
    email: str
    role: Roles
    sent_at: Instant
    expires_at: Instant

    EXAMPLE: ClassVar = {
        "id": 3,
        "email": "bob@example.org",
        "role": "reviewer",
        "sent_at": "2027-02-01T09:30:00Z",
        "expires_at": "2027-02-15T09:30:00Z",
    }

    @classmethod
    def of(cls, invitation: TeamInvitation) -> "InvitationOfTeam":
        names = ("email", "role", "sent_at", "expires_at")
        return cls(id=invitation.pk, **{name: getattr(invitation, name) for name in names})

    @classmethod
    def of_sent(cls, row: SentInvitation) -> "InvitationOfTeam":
        return cls.of(row.invitation)


class Team(Answer):
    people: list[PersonInTeam]
    invitations: list[InvitationOfTeam] = Field(description="Those without an answer; only for owners.")

    EXAMPLE: ClassVar = {"people": [PersonInTeam.EXAMPLE], "invitations": [InvitationOfTeam.EXAMPLE]}

    @classmethod
    def seen_by(cls, person: Any, scope: TeamScope) -> "Team":
        owns = person.has_perm(CHANGE, scope)
        rows = people_of(scope, viewer=person, may_change=owns)
        sent = invitations_of(scope) if owns else []
        return cls(
            people=[PersonInTeam.of(row) for row in rows],
            invitations=[InvitationOfTeam.of_sent(row) for row in sent],
        )


class TeamInvite(Input):
    email: str = Field(max_length=254)
    role: Roles

    EXAMPLE: ClassVar = {"email": "bob@example.org", "role": "reviewer"}


class NewRole(Input):
    role: Roles
    shown: Roles | None = Field(None, description="The one that you read: refused if it is another by now.")

    EXAMPLE: ClassVar = {"role": "organiser", "shown": "reviewer"}


def series_or_404(request: PersonRequest, series_id: int, permission: str) -> Series:
    return get_object_or_404(Series.objects.managed_by(request.user, permission), pk=series_id)


@router.get(
    "conferences/{slug}/organise/team/",
    scope=Scope.ORGANISE_READ,
    answer=Team,
    summary="The team of a conference",
)
def team(request: PersonRequest, slug: Slug) -> Team:
    """Also those who are in the team of its series."""
    return Team.seen_by(request.user, managed(request, slug, READ))


@router.post(
    "conferences/{slug}/organise/team/",
    scope=Scope.ORGANISE_WRITE,
    answer=InvitationOfTeam,
    summary="Invite to the team of a conference",
)
def invite_to_team(request: PersonRequest, slug: Slug, form: TeamInvite) -> InvitationOfTeam:
    """By email. An invitation that this address had before ends. For owners."""
    return _invite(request, managed(request, slug, CHANGE), form)


@router.post(
    "conferences/{slug}/organise/team/{member_id}/role/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Change a role in the team of a conference",
    refusals=[NO_OWNER],
)
def change_role(request: PersonRequest, slug: Slug, member_id: UrlID, form: NewRole) -> ActDone:
    """The team is notified. For owners."""
    return _change_role(request, managed(request, slug, CHANGE), member_id, form)


@router.post(
    "conferences/{slug}/organise/team/{member_id}/remove/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Take a person out of the team of a conference",
    refusals=[NO_OWNER],
)
def remove_from_team(request: PersonRequest, slug: Slug, member_id: UrlID) -> ActDone:
    """The team is notified. For owners."""
    return _remove(request, managed(request, slug, CHANGE), member_id)


@router.post(
    "conferences/{slug}/organise/team/leave/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Leave the team of a conference",
    refusals=[NO_OWNER],
)
def leave_team(request: PersonRequest, slug: Slug) -> ActDone:
    """The team is notified. Not for those who are in it by its series."""
    return _leave(request, managed(request, slug, READ))


@router.post(
    "conferences/{slug}/organise/team/invited/{invitation_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Withdraw an invitation to the team of a conference",
)
def withdraw_invitation(request: PersonRequest, slug: Slug, invitation_id: UrlID) -> ActDone:
    """Its link no longer works. `none` if it has been answered or withdrawn. For owners."""
    return _withdraw(request, managed(request, slug, CHANGE), invitation_id)


@router.get(
    "organise/series/{series_id}/team/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Team,
    summary="The team of a series",
)
def team_of_series(request: PersonRequest, series_id: UrlID) -> Team:
    """It runs all conferences of the series."""
    return Team.seen_by(request.user, series_or_404(request, series_id, READ))


@router.post(
    "organise/series/{series_id}/team/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=InvitationOfTeam,
    summary="Invite to the team of a series",
)
def invite_to_team_of_series(request: PersonRequest, series_id: UrlID, form: TeamInvite) -> InvitationOfTeam:
    """By email. An invitation that this address had before ends. For owners."""
    return _invite(request, series_or_404(request, series_id, CHANGE), form)


@router.post(
    "organise/series/{series_id}/team/{member_id}/role/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Change a role in the team of a series",
    refusals=[NO_OWNER],
)
def change_role_in_series(
    request: PersonRequest, series_id: UrlID, member_id: UrlID, form: NewRole
) -> ActDone:
    """The team is notified. For owners."""
    return _change_role(request, series_or_404(request, series_id, CHANGE), member_id, form)


@router.post(
    "organise/series/{series_id}/team/{member_id}/remove/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Take a person out of the team of a series",
    refusals=[NO_OWNER],
)
def remove_from_team_of_series(request: PersonRequest, series_id: UrlID, member_id: UrlID) -> ActDone:
    """The team is notified. For owners."""
    return _remove(request, series_or_404(request, series_id, CHANGE), member_id)


@router.post(
    "organise/series/{series_id}/team/leave/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Leave the team of a series",
    refusals=[NO_OWNER],
)
def leave_team_of_series(request: PersonRequest, series_id: UrlID) -> ActDone:
    """The team is notified."""
    return _leave(request, series_or_404(request, series_id, READ))


@router.post(
    "organise/series/{series_id}/team/invited/{invitation_id}/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=ActDone,
    summary="Withdraw an invitation to the team of a series",
)
def withdraw_invitation_of_series(request: PersonRequest, series_id: UrlID, invitation_id: UrlID) -> ActDone:
    """Its link no longer works. `none` if it has been answered or withdrawn. For owners."""
    return _withdraw(request, series_or_404(request, series_id, CHANGE), invitation_id)


def _invite(request: PersonRequest, scope: TeamScope, form: TeamInvite) -> InvitationOfTeam:
    require_fresh_log_in_of_browser(request)
    entered = cleaned(InvitationForm(form.model_dump(), scope=scope))
    count_use(INVITATIONS, request)
    return InvitationOfTeam.of(actions.invite_to_team(scope=scope, by=actor_of(request), **entered))


def _change_role(request: PersonRequest, scope: TeamScope, member_id: int, form: NewRole) -> ActDone:
    require_fresh_log_in_of_browser(request)
    entered = cleaned(RoleForm(form.model_dump(), scope=scope))
    found = get_object_or_404(_members(scope), pk=member_id)
    return ActDone.of(actions.change_role(member=found, by=actor_of(request), **entered))


def _remove(request: PersonRequest, scope: TeamScope, member_id: int) -> ActDone:
    require_fresh_log_in_of_browser(request)
    found = get_object_or_404(_members(scope), pk=member_id)
    return ActDone.of(actions.remove_from_team(member=found, by=actor_of(request)))


def _leave(request: PersonRequest, scope: TeamScope) -> ActDone:
    own = get_object_or_404(_members(scope), person=request.user)
    return ActDone.of(actions.leave_team(member=own, by=actor_of(request)))


def _withdraw(request: PersonRequest, scope: TeamScope, invitation_id: int) -> ActDone:
    invitations = TeamInvitation.objects.of_team(scope).select_related("series", "conference")
    found = get_object_or_404(invitations, pk=invitation_id)
    return ActDone.of(actions.withdraw_invitation(invitation=found, by=actor_of(request)))


def _members(scope: TeamScope) -> Any:
    return TeamMember.objects.of_team(scope).select_related("person", "series", "conference")
