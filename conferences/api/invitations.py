from typing import ClassVar, Literal

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.actors import actor_of
from accounts.calendar_keys import remove_calendar_key, renew_calendar_key
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.models import TeamInvitation
from conferences.sharing.calendars import calendar_address
from conferences.teams.actions import accept_invitation, decline_invitation
from conferences.teams.panels import waiting_invitations

router = ApiRouter("Me")
Roles = Literal["owner", "organiser", "reviewer", "help_desk", "observer"]


class TeamOffer(Answer):
    id: RowID
    team: str = Field(description="The title of the conference, or the name of the series.")
    role: Roles
    sent_at: Instant
    expires_at: Instant

    EXAMPLE: ClassVar = {
        "id": 3,
        "team": "Open Conf",
        "role": "reviewer",
        "sent_at": "2027-02-01T09:30:00Z",
        "expires_at": "2027-02-15T09:30:00Z",
    }

    @classmethod
    def of(cls, invitation: TeamInvitation) -> "TeamOffer":
        return cls(
            id=invitation.pk,
            team=str(invitation.scope),
            role=invitation.role,  # type: ignore[arg-type]
            sent_at=invitation.sent_at,
            expires_at=invitation.expires_at,
        )


class TeamOffers(Answer):
    items: list[TeamOffer]

    EXAMPLE: ClassVar = {"items": [TeamOffer.EXAMPLE]}


class TeamAnswer(Input):
    answer: Literal["accept", "decline"]

    EXAMPLE: ClassVar = {"answer": "accept"}


class TeamAnswered(Answer):
    outcome: Literal["in_team", "declined"]
    role: Roles | None = Field(description="Yours in the team; null if you have declined.")

    EXAMPLE: ClassVar = {"outcome": "in_team", "role": "reviewer"}


class CalendarLink(Answer):
    url: str = Field(description="Whoever has it sees your conferences; empty if there is none.")

    EXAMPLE: ClassVar = {"url": ""}


@router.get(
    "me/team-invitations/",
    scope=Scope.READ,
    all_conferences=True,
    answer=TeamOffers,
    summary="Invitations to teams that wait for you",
)
def own_team_invitations(request: PersonRequest) -> TeamOffers:
    """Those to your confirmed email addresses, the next to expire first."""
    return TeamOffers(items=[TeamOffer.of(each) for each in waiting_invitations(request.user)])


@router.post(
    "me/team-invitations/{invitation_id}/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=TeamAnswered,
    summary="Accept or decline an invitation to a team",
    refusals=["This invitation has expired."],
)
def answer_team_invitation(request: PersonRequest, invitation_id: UrlID, form: TeamAnswer) -> TeamAnswered:
    """Accepting gives you the role that was offered, unless you are in the team already."""
    invitations = TeamInvitation.objects.to_person(request.user)
    found = get_object_or_404(
        invitations.select_related("series", "conference", "invited_by"), pk=invitation_id
    )
    if form.answer == "decline":
        decline_invitation(invitation=found, by=actor_of(request))
        return TeamAnswered(outcome="declined", role=None)
    member = accept_invitation(invitation=found, by=actor_of(request))
    return TeamAnswered(outcome="in_team", role=member.role)  # type: ignore[arg-type]


@router.get(
    "me/calendar/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=CalendarLink,
    summary="The link to your calendar",
)
def own_calendar(request: PersonRequest) -> CalendarLink:
    """For a calendar program, which then needs no log-in. It goes on when the token has ended."""
    return CalendarLink(url=calendar_address(request.user))


@router.post(
    "me/calendar/renew/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=CalendarLink,
    keeps_answer=False,
    summary="Make a new link to your calendar",
)
def renew_my_calendar(request: PersonRequest) -> CalendarLink:
    """The link that you had no longer works."""
    return CalendarLink(url=calendar_address(renew_calendar_key(by=actor_of(request))))


@router.post(
    "me/calendar/remove/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=Done,
    summary="End the link to your calendar",
)
def remove_my_calendar(request: PersonRequest) -> Done:
    """`none` if there was no link."""
    return Done(outcome=remove_calendar_key(by=actor_of(request)).value)
