"""What the page of an invitation shows, by who opens it and what has become of it."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.linked_addresses import confirmed_addresses
from accounts.models import User
from confbox.kit.panels import Panel
from conferences.local_times import in_zone
from conferences.models import Conference, Membership, RosterEntry
from voting.elections.election.models import VotingState

INVITATION_PANEL = "voting/campaigns/invitation_panel"
# What can still be accepted, and by whom; the others are over.
OPEN = {"sign_up", "log_in", "join", "other_person", "other_member"}


def invitation_panel(entry: RosterEntry, person: User | AnonymousUser, *, is_expired: bool) -> Panel:
    state = _end_of(entry, person, is_expired=is_expired) or _way_in(entry, person)
    facts = {"entry": entry, "person": person, "conference": entry.conference}
    vote = _vote_in_words(entry.conference) if state in OPEN else ""
    return Panel(INVITATION_PANEL, state, facts | {"vote": vote})


def _vote_in_words(conference: Conference) -> str:
    """As it is now: the email of the invitation has the times of when it was sent."""
    election, state = conference.election, conference.election.state()
    times = {
        "opens": in_zone(conference, election.opens_at),
        "closes": in_zone(conference, election.closes_at),
    }
    if state == VotingState.SCHEDULED:
        return _("Voting opens on %(opens)s and closes on %(closes)s.") % times
    if state == VotingState.OPEN:
        can_vote = election.late_joiners_may_vote()
        said = _("Voting is open until %(closes)s.")
        late = _("Members who join now can no longer vote.")
        return (said if can_vote else f"{said} {late}") % times
    if state in (VotingState.CLOSED, VotingState.DECIDED):
        return _("Voting closed on %(closes)s, so you can join but no longer vote.") % times
    return ""


def _end_of(entry: RosterEntry, person: Any, *, is_expired: bool) -> str:
    """Why it can no longer be accepted; empty if it can."""
    member = entry.membership
    is_own = member is not None and member.user_id == person.pk
    if entry.has_joined and is_own:
        return "member"
    if entry.removed_at:
        return "removed"
    if not entry.conference.is_joinable():
        return "cancelled" if entry.conference.is_cancelled else "over"
    if member is not None and not is_own:
        return "used"
    return "expired" if is_expired else ""


def _way_in(entry: RosterEntry, person: User | AnonymousUser) -> str:
    if not isinstance(person, User):
        return "log_in" if _has_account(entry.mailbox) else "sign_up"
    is_owner = entry.mailbox in [person.email, *confirmed_addresses(person)]
    return "join" if is_owner else _other(entry, person)


def _other(entry: RosterEntry, person: User) -> str:
    """Someone else's invitation; a member without an entry of their own can still use it if it is theirs."""
    membership = Membership.objects.current().filter(user=person, conference=entry.conference).first()
    if membership is None:
        return "other_person"
    has_entry = RosterEntry.objects.present().filter(membership=membership).exists()
    return "other_member_with_entry" if has_entry else "other_member"


def _has_account(mailbox: str) -> bool:
    is_confirmed: bool = EmailAddress.objects.filter(email=mailbox, verified=True).exists()
    return is_confirmed or User.objects.filter(email=mailbox).exists()
