"""Why a person may or may not vote: the rules of the atomic statement, in words.

The statement in `voting.elections.statements` decides; this module explains. The conference page lists
every condition with yes or no, and a refused vote gets the message of the first that is not met.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.linked_addresses import has_confirmed_address
from accounts.models import User
from conferences.local_times import in_zone
from conferences.matching import entry_for
from conferences.models import Conference, Membership, RosterEntry
from voting.elections.election.models import VotingState
from voting.elections.roll.models import RollEntry


@dataclass(frozen=True)
class Condition:
    """One condition that must be met before a vote counts."""

    name: str
    holds: bool
    label: str
    refusal: str

    @property
    def code(self) -> str:
        """Of the refusal, for programs: whether it is the person or the time."""
        return "not_entitled" if self.name in OF_PERSON else "voting_not_open"


OF_PERSON = {"member", "account", "address", "not-excluded", "on-roll", "on-roster", "in-time"}


def conditions(*, user: User, conference: Conference, membership: Membership | None) -> list[Condition]:
    """Every condition on this person and this time, in the order in which to meet them."""
    now = conference.now
    of_person = [*_of_person(user, conference, membership, now), *_of_rules(conference, membership)]
    window_conditions = list(_window_conditions(conference, now))
    # After voting has ended nothing that the person could do would help, so that comes first.
    is_over = conference.election.state(now) in _OVER
    return [*window_conditions, *of_person] if is_over else [*of_person, *window_conditions]


def first_refusal(*, user: User, conference: Conference, membership: Membership | None) -> str:
    """The message of the first condition that is not met; empty if all are."""
    first = first_unmet(user=user, conference=conference, membership=membership)
    return first.refusal if first else ""


def first_unmet(*, user: User, conference: Conference, membership: Membership | None) -> Condition | None:
    found = conditions(user=user, conference=conference, membership=membership)
    return next((c for c in found if not c.holds), None)


def next_step(*, found: list[Condition], conference: Conference) -> str:
    """What to do or wait for, according to these conditions; if there is no vote, what to expect instead."""
    first = next((c for c in found if not c.holds), None)
    if first and conference.election.state() == VotingState.UNSCHEDULED:
        return _before_any_vote(first, conference)
    return first.refusal if first else ""


def _before_any_vote(first: Condition, conference: Conference) -> str:
    if first.name == "member" and conference.is_joinable():
        return _("There is no vote here yet. Join, and your page will show when voting opens.")
    if first.name in ("rules", "open"):
        return _("The organisers have not announced when voting opens. You do not need to do anything.")
    return first.refusal


def refusal_now(conference: Conference) -> str:
    """Why no one can vote at this time; empty while voting is open."""
    return next((c.refusal for c in _window_conditions(conference, conference.now) if not c.holds), "")


def candidate_refusal(*, voter: Membership, candidate: Membership | None) -> str:
    """Why this voter cannot vote for this candidate, None if they see no such member; empty if they can."""
    if candidate is None:
        return _("There is no such member to vote for. Please choose another member.")
    if candidate.pk == voter.pk:
        return _("You cannot vote for yourself.")
    if candidate.left_at or not candidate.user.is_active:
        return _("%(name)s is no longer a member. Please choose another member.") % {"name": candidate}
    if candidate.excluded_at:
        return _("%(name)s is excluded from this vote. Please choose another member.") % {"name": candidate}
    if not candidate.accepts_votes:
        return _("%(name)s does not want to be voted for. Please choose another member.") % {
            "name": candidate
        }
    if candidate.is_pitch_hidden:
        sentence = _("The organisers have hidden the pitch of %(name)s. Please choose another member.")
        return sentence % {"name": candidate}
    return ""


def is_too_late(conference: Conference, membership: Membership | None) -> bool:
    """Whether this member joined too late to vote; without one, whether a person who joins now would."""
    election = conference.election
    if election.only_roster_votes():
        return False
    if membership and election.roll_frozen_at:
        return roll_entry_of(membership) is None
    if not election.opens_at or election.late_joiners_may_vote():
        return False
    return (membership.joined_at if membership else conference.now) > election.opens_at


def roll_entry_of(membership: Membership) -> RollEntry | None:
    try:
        return membership.roll_entry
    except RollEntry.DoesNotExist:
        return None


def is_on_roster(membership: Membership) -> bool:
    try:
        return membership.roster_entry.removed_at is None
    except RosterEntry.DoesNotExist:
        return False


def is_removed_from_roll(membership: Membership) -> bool:
    if not membership.conference.election.roll_frozen_at:
        return False
    entry = roll_entry_of(membership)
    return entry is not None and entry.removed_at is not None


def bar_of(membership: Membership) -> str:
    """In a few words why the rules keep this member from voting; empty if they do not.

    Costs no query if the member came with their entry of the roll.
    """
    if membership.excluded_at:
        return _("Excluded from this vote")
    if is_removed_from_roll(membership):
        return _("Removed from the list of voters")
    election = membership.conference.election
    if election.only_roster_votes() and election.roll_frozen_at and not roll_entry_of(membership):
        return _("Not on the list of voters")
    return _("Joined too late to vote") if is_too_late(membership.conference, membership) else ""


def _of_person(
    user: User, conference: Conference, membership: Membership | None, now: datetime
) -> Iterator[Condition]:
    is_member = membership is not None and membership.left_at is None
    yield Condition(
        "member",
        is_member,
        _("You are a member of this conference"),
        "" if is_member else _not_a_member(user, conference, membership, now),
    )
    yield Condition(
        "account",
        user.is_active,
        _("Your account is active"),
        _("Your account is disabled. Please ask the organisers."),
    )
    yield Condition(
        "address",
        has_confirmed_address(user),
        _("Your email address is confirmed"),
        _("Please confirm your email address first; then you can vote."),
    )


def _not_a_member(user: User, conference: Conference, membership: Membership | None, now: datetime) -> str:
    if not conference.is_joinable(now):
        return _("Only members can vote, and this conference no longer accepts new members.")
    if conference.election.only_roster_votes() and not entry_for(user=user, conference=conference):
        return _not_on_roster()
    if membership is not None:
        return _("You left this conference. Join it again to vote.")
    if is_too_late(conference, None):
        return _(
            "Voting has opened, and under the rules of this conference members who join now cannot vote."
        )
    return _("Join this conference to vote.")


def _of_rules(conference: Conference, membership: Membership | None) -> Iterator[Condition]:
    if membership is None:
        return
    if membership.excluded_at:
        sentence = _("The organisers excluded you from this vote. Their reason: %(reason)s")
        refusal = sentence % {"reason": membership.exclusion_reason}
        yield Condition("not-excluded", False, _("You may take part in this vote"), refusal)
    if conference.election.roll_frozen_at:
        entry = roll_entry_of(membership)
        is_on_roll = entry is not None and entry.removed_at is None
        refusal = "" if is_on_roll else _not_on_roll(conference, membership, entry)
        yield Condition("on-roll", is_on_roll, _("You are on the list of voters"), refusal)
    elif conference.election.only_roster_votes():
        label = _("You are on the organisers’ list of participants")
        yield Condition("on-roster", is_on_roster(membership), label, _not_on_roster())
    elif conference.election.opens_at and not conference.election.late_joiners_may_vote():
        is_in_time = not is_too_late(conference, membership)
        refusal = _not_on_roll(conference, membership, None)
        yield Condition("in-time", is_in_time, _("You joined before voting opened"), refusal)


def _not_on_roster() -> str:
    return _(
        "Only people on the organisers’ list of participants may vote, and none of your confirmed email "
        "addresses is on it. If your ticket is under another email address, confirm that it is yours."
    )


def _not_on_roll_of_roster(membership: Membership) -> str:
    if not is_on_roster(membership):
        return _not_on_roster()
    return _(
        "You were put on the list of participants after voting had opened, so you "
        "are not on the list of voters. Please ask the organisers to add you."
    )


def _not_on_roll(conference: Conference, membership: Membership, entry: RollEntry | None) -> str:
    if entry is None and conference.election.only_roster_votes():
        return _not_on_roll_of_roster(membership)
    opens = conference.election.opens_at
    if entry is None and opens and membership.joined_at <= opens:
        return _(
            "You were not entitled to vote when voting opened, so you are not "
            "on the list of voters. Please ask the organisers to add you."
        )
    if entry is None:
        return _(
            "You joined after voting had opened, and under the rules of this conference you cannot vote."
        )
    sentence = _(
        "You are no longer on the list of voters: the organisers removed you. Their reason: %(reason)s"
    )
    removal = entry.changes.order_by("at", "pk").last()
    return sentence % {"reason": removal.reason if removal else ""}


def _window_conditions(conference: Conference, now: datetime) -> Iterator[Condition]:
    state = conference.election.state(now)
    if conference.is_cancelled:
        refusal = _of_cancelled(conference)
        yield Condition("not-cancelled", False, _("The conference takes place"), refusal)
    yield Condition(
        "undecided",
        state != VotingState.DECIDED,
        _("The speaker is still to be chosen"),
        _("The organisers have chosen the speaker, so voting is over."),
    )
    yield Condition(
        "active",
        conference.status in Conference.PUBLISHED,
        _("The conference is active"),
        _("This conference is not active, so there is no vote."),
    )
    yield Condition(
        "rules",
        conference.election.rules_set_at is not None,
        _("The rules of the vote are set"),
        _("The organisers have not set the rules of this vote yet, so voting cannot open."),
    )
    is_open = state == VotingState.OPEN
    yield Condition("open", is_open, _("Voting is open"), "" if is_open else _not_open(conference, state))


def _of_cancelled(conference: Conference) -> str:
    election = conference.election
    if election.has_closed():
        time = in_zone(conference, election.closes_at)
        return _("This conference is cancelled. Voting had closed on %(time)s.") % {"time": time}
    if election.has_opened():
        return _("This conference is cancelled, so voting has ended without a result.")
    return _("This conference is cancelled, so there is no vote.")


_OVER = (VotingState.CLOSED, VotingState.DECIDED, VotingState.CANCELLED)


def _not_open(conference: Conference, state: VotingState) -> str:
    if conference.election.opens_at is None:
        return _("The organisers have not scheduled voting yet.")
    if state == VotingState.CANCELLED:
        return _of_cancelled(conference)
    if state in _OVER:
        time = in_zone(conference, conference.election.closes_at)
        return _("Voting closed on %(time)s. The count is final.") % {"time": time}
    time = in_zone(conference, conference.election.opens_at)
    return _("Voting has not opened yet. It opens on %(time)s.") % {"time": time}
