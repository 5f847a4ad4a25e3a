"""What the pages of teams show, by their state."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Viewer
from confbox.kit.clock import DatabaseNow, database_now
from confbox.kit.panels import Panel
from conferences.models import Role, TeamInvitation, TeamMember, roles_of
from conferences.teams.descriptions import descriptions_for
from conferences.teams.rules import NEEDS_FACTOR, NOT_THEIRS, refusal_of, refusal_to_accept

INVITATION_PANEL = "conferences/teams/invitation_panel"
STATES = {NOT_THEIRS: "not_theirs", NEEDS_FACTOR: "needs_factor"}


def invitation_panel(invitation: TeamInvitation | None, *, person: Viewer) -> Panel:
    """For its owner, after they have logged in; for others, why it is not theirs."""
    if invitation is None:
        return Panel(INVITATION_PANEL, "unknown")
    now = database_now()
    facts = {"invitation": invitation, "team": invitation.scope, "person": person}
    role = Role(invitation.role)
    facts |= {"role": role.label, "is_contact": role == Role.OWNER}
    facts |= {"description": descriptions_for(invitation.scope)[role]}
    if isinstance(person, User) and (member := _member(invitation, person)):
        return Panel(INVITATION_PANEL, "in_team", facts | {"words": role_words(invitation, member)})
    if refusal := refusal_of(invitation, now=now):
        return Panel(INVITATION_PANEL, "over", facts | {"refusal": refusal})
    if not isinstance(person, User):
        known = EmailAddress.objects.filter(email=invitation.email, verified=True)
        return Panel(INVITATION_PANEL, "log_in" if known.exists() else "sign_up", facts)
    refused = refusal_to_accept(invitation, person, now=now)
    return Panel(INVITATION_PANEL, _state_of(refused), facts)


def waiting_invitations(user: User) -> list[TeamInvitation]:
    """Those that the person can answer, except to teams that they are in; the next to expire first."""
    found = TeamInvitation.objects.to_person(user).unanswered().filter(expires_at__gt=DatabaseNow())
    roles = roles_of(user)
    return [
        each
        for each in found.select_related("series", "conference", "invited_by").order_by("expires_at", "pk")
        if each.series_id not in roles.in_series and each.conference_id not in roles.in_conferences
    ]


def _member(invitation: TeamInvitation, person: User) -> TeamMember | None:
    return TeamMember.objects.of_team(invitation.scope).filter(person=person).first()


def role_words(invitation: TeamInvitation, member: TeamMember) -> str:
    """For a person in the team. An invitation to another role than they have changes nothing."""
    role = {"role": Role(member.role).label}
    if member.role == invitation.role:
        return _("Your role: %(role)s.") % role
    return _("Your role stays: %(role)s. Only an owner of the team can change it.") % role


def _state_of(refused: ValidationError | None) -> str:
    return STATES[str(refused.code)] if refused else "to_accept"
