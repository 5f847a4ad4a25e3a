"""What the ballot shows to a voter."""

from collections.abc import Iterable
from dataclasses import dataclass

from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from voting.elections.election.models import Election, VotingState
from voting.elections.participation import Participation
from voting.elections.results import result_for

MY_VOTE = "voting/elections/my_vote"
CANDIDATES = "voting/elections/candidates"
VOTE_BUTTON = "voting/elections/vote_button"


def my_vote_panel(mine: Participation) -> Panel:
    """The voter's own vote, or why there is none."""
    election = mine.conference.election
    facts = {
        "election": election,
        "vote": mine.vote,
        "why_void": mine.why_void,
        "refusal": mine.refusal,
        "removal": mine.removal,
        "has_result": election.is_count_final() and _has_result(mine.membership),
    }
    state = _state_of_open_vote(mine) if election.is_open() else state_of_no_vote(election)
    return Panel(MY_VOTE, state, facts)


def _has_result(membership: Membership | None) -> bool:
    """Whether the results page shows this member anything, so that a link to it is not a dead end."""
    return membership is not None and bool(
        result_for(membership=membership, conference=membership.conference)
    )


def _state_of_open_vote(mine: Participation) -> str:
    if mine.vote:
        return "voted"
    return "cannot_vote" if mine.refusal else "can_vote"


def state_of_no_vote(election: Election) -> str:
    state = election.state()
    if state in (VotingState.DECIDED, VotingState.SCHEDULED, VotingState.CANCELLED):
        return str(state)
    # A decision without a vote also closes an election whose voting was never scheduled.
    if state == VotingState.CLOSED and election.closes_at:
        return "closed"
    is_active = election.conference.status == Conference.Status.ACTIVE
    return "unscheduled" if is_active else "inactive"


@dataclass(frozen=True)
class Candidate:
    """A row of the ballot."""

    person: Membership
    button: Panel | None

    @property
    def is_mine(self) -> bool:
        return self.button is not None and self.button.state == "voted"


def candidates_panel(mine: Participation, people: Iterable[Membership], *, words: str) -> Panel | None:
    """The candidates, or why there are none; None if the ballot does not show them."""
    election = mine.conference.election
    if not (election.is_open() or election.state() == VotingState.SCHEDULED or words):
        return None
    rows = [Candidate(person, vote_button(person, mine)) for person in people]
    facts = {"rows": rows, "vote": mine.vote, "can_vote": not mine.refusal}
    if rows:
        return Panel(CANDIDATES, "found", facts)
    return Panel(CANDIDATES, "none_found" if words else "no_pitches", facts)


def vote_button(person: Membership, mine: Participation) -> Panel | None:
    """The button to vote for this person, or a sign that the vote is for them; None if neither applies."""
    if mine.vote and mine.vote.candidate_id == person.pk:
        return Panel(VOTE_BUTTON, "voted", {"person": person})
    is_self = mine.membership is not None and mine.membership.pk == person.pk
    is_candidate = person.accepts_votes and not person.is_pitch_hidden
    if not mine.conference.election.is_open() or mine.refusal or is_self or not is_candidate:
        return None
    return Panel(VOTE_BUTTON, "move" if mine.vote else "vote", {"person": person})
