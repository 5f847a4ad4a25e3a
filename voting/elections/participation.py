from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from conferences.models import Conference, Membership
from voting.elections.election.models import VotingState
from voting.elections.eligibility import Condition, conditions, is_removed_from_roll, is_too_late
from voting.elections.models import Decision, Vote
from voting.elections.results import decisions_of, no_longer_speaking, result_for
from voting.elections.roll.actions import ensure_frozen
from voting.elections.voiding import own_vote, valid_vote, why_void


@dataclass(frozen=True)
class Participation:
    """What one person has done in an election, and what keeps them from it; visitors have no membership."""

    conference: Conference
    membership: Membership | None
    # Void or not; pages show `vote`.
    own_vote: Vote | None
    conditions: list[Condition]
    # None if not logged in.
    person: User | None = None

    @property
    def vote(self) -> Vote | None:
        return valid_vote(self.own_vote)

    @cached_property
    def why_void(self) -> str:
        """Why the member has to vote again; empty if they need not."""
        return why_void(self.own_vote)

    @property
    def can_vote(self) -> bool:
        return bool(self.conditions) and all(condition.holds for condition in self.conditions)

    @property
    def refusal(self) -> str:
        return next((condition.refusal for condition in self.conditions if not condition.holds), "")

    @cached_property
    def may_vote_now(self) -> bool:
        return self.conference.election.is_open() and not self.refusal

    @property
    def removal(self) -> str:
        """That organisers removed the member from the roll, and why; empty if they did not.

        It is said after voting has closed too, when the refusal is that it has.
        """
        if not self.membership or not is_removed_from_roll(self.membership):
            return ""
        return next((c.refusal for c in self.conditions if c.name == "on-roll" and not c.holds), "")

    @property
    def is_too_late(self) -> bool:
        """Whether the person joined too late for the open vote or, as a visitor, would now."""
        return self.conference.election.is_open() and is_too_late(self.conference, self.membership)

    @cached_property
    def result(self) -> str:
        """Which result this member may see; empty unless voting is closed and no speaker is named."""
        if not self.membership or self.conference.election.state() != VotingState.CLOSED:
            return ""
        return result_for(membership=self.membership, conference=self.conference, decisions=self.decisions)

    @cached_property
    def decisions(self) -> list[Decision]:
        """None of them while there is no need to choose a speaker."""
        is_closed = self.conference.election.state() == VotingState.CLOSED
        return decisions_of(self.conference) if is_closed else []

    @property
    def no_longer_speaking(self) -> Decision | None:
        """Who was to speak, while another speaker is to be chosen."""
        return no_longer_speaking(self.decisions)


def participation_of(
    *, person: User | AnonymousUser, conference: Conference, membership: Membership | None
) -> Participation:
    ensure_frozen(conference=conference, membership=membership)
    user = person if isinstance(person, User) else None
    met = conditions(user=user, conference=conference, membership=membership) if user else []
    return Participation(conference, membership, own_vote(membership), met, user)
