"""What the page of a team shows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.sorting import sort_key
from conferences.models import Role, TeamInvitation, TeamMember
from conferences.teams.access import Scope, url_of
from conferences.teams.descriptions import descriptions_for
from conferences.teams.rules import refusal_without

ORDER = {role: number for number, role in enumerate(Role.values)}


@dataclass(frozen=True)
class TeamPerson:
    """A row of the list. Owners see email addresses, and change those who have their role here."""

    member: TeamMember
    email: str
    through: str
    note: str
    change_url: str
    leave_url: str
    must_stay: str

    @property
    def role(self) -> Role:
        return Role(self.member.role)

    @property
    def description(self) -> str:
        return str(descriptions_for(self.member.scope)[self.role])


def people_of(scope: Scope, *, viewer: User, may_change: bool) -> list[TeamPerson]:
    """Those with a role in it and, of a conference, those with a role in its series."""
    running = TeamMember.objects.running(scope).select_related("person", "series", "conference")
    found = sorted(running, key=lambda m: (m.scope != scope, ORDER[m.role], sort_key(str(m.person)), m.pk))
    in_series = {member.person_id: member for member in found if member.scope != scope}
    return [
        _person(member, scope, viewer, may_change=may_change, also=in_series.get(member.person_id))
        for member in found
    ]


def _person(
    member: TeamMember, scope: Scope, viewer: User, *, may_change: bool, also: TeamMember | None
) -> TeamPerson:
    """`also` is their membership in the team of the series."""
    is_here = member.scope == scope
    may_leave = is_here and member.person_id == viewer.pk
    must_stay = refusal_without(member) if may_leave else ""
    notes = [
        _both_roles(also) if also and is_here else "",
        "" if member.person.is_active else _("disabled: cannot log in"),
    ]
    return TeamPerson(
        member,
        email=member.person.email if may_change else "",
        through="" if is_here else _("through the series %(series)s") % {"series": member.scope},
        note="; ".join(note for note in notes if note),
        change_url=url_of(scope, "member", member.pk) if may_change and is_here else "",
        leave_url=url_of(scope, "leave") if may_leave and not must_stay else "",
        must_stay=must_stay,
    )


def _both_roles(also: TeamMember) -> str:
    facts = {"role": Role(also.role).label, "series": also.scope}
    return _("also %(role)s in the series %(series)s; both roles count") % facts


@dataclass(frozen=True)
class SentInvitation:
    invitation: TeamInvitation
    has_expired: bool
    withdraw_url: str

    @property
    def role(self) -> Role:
        return Role(self.invitation.role)


def invitations_of(scope: Scope) -> list[SentInvitation]:
    """Those that are unanswered, the last one first."""
    unanswered, now = TeamInvitation.objects.of_team(scope).unanswered(), database_now()
    found = unanswered.select_related("invited_by").order_by("-pk")
    return [
        SentInvitation(each, each.expires_at <= now, url_of(scope, "withdraw", each.pk)) for each in found
    ]
