"""What the pages of teams show, by their state."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.permissions import Viewer
from confbox.kit.clock import database_now
from confbox.kit.panels import Panel
from conferences.models import Role, TeamInvitation, TeamMember
from conferences.teams.descriptions import DESCRIPTIONS
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
    facts |= {"role": role.label, "description": DESCRIPTIONS[role], "is_contact": role == Role.OWNER}
    if isinstance(person, User) and _is_in_team(invitation, person):
        return Panel(INVITATION_PANEL, "in_team", facts)
    if refusal := refusal_of(invitation, now=now):
        return Panel(INVITATION_PANEL, "over", facts | {"refusal": refusal})
    if not isinstance(person, User):
        known = EmailAddress.objects.filter(email=invitation.email, verified=True)
        return Panel(INVITATION_PANEL, "log_in" if known.exists() else "sign_up", facts)
    refused = refusal_to_accept(invitation, person, now=now)
    return Panel(INVITATION_PANEL, _state_of(refused), facts)


def _is_in_team(invitation: TeamInvitation, person: User) -> bool:
    return TeamMember.objects.of_team(invitation.scope).filter(person=person).exists()


def _state_of(refused: ValidationError | None) -> str:
    return STATES[str(refused.code)] if refused else "to_accept"
