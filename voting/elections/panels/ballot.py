"""What the ballot shows to a voter."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from confbox.kit.fragments import fragment
from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from voting.elections.ballot import Candidate
from voting.elections.election.models import Election, VotingState
from voting.elections.participation import Participation
from voting.elections.results import decisions_of, result_for
from voting.elections.rules.registry import rules_in_words

MY_VOTE = "voting/elections/my_vote"
CANDIDATES = "voting/elections/candidates"
VOTE_BUTTON = "voting/elections/vote_button"
SHORT_STATEMENT = 600
"""Characters; all of such a statement is on the ballot."""


def my_vote_panel(mine: Participation) -> Panel:
    """The voter's own vote, or why there is none."""
    election = mine.conference.election
    facts = {
        "election": election,
        "vote": mine.vote,
        "chosen": _face_of(mine.vote.candidate, mine.conference) if mine.vote else None,
        "why_void": mine.why_void,
        "refusal": mine.refusal,
        "removal": mine.removal,
        "has_result": election.is_count_final() and _has_result(mine.membership),
    }
    state = _state_of_open_vote(mine) if election.is_open() else state_of_no_vote(election)
    return Panel(MY_VOTE, state, facts)


def _has_result(membership: Membership | None) -> bool:
    """Whether the results page shows this member anything, so that a link to it is not a dead end."""
    if membership is None:
        return False
    conference = membership.conference
    found = result_for(membership=membership, conference=conference, decisions=decisions_of(conference))
    return bool(found)


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
class Face:
    """All that the ballot shows of the member whom a voter chose: equal ones look the same."""

    conference: str
    """Its slug."""
    pk: int
    name: str
    small_picture_url: str

    def __str__(self) -> str:
        return self.name

    @property
    def picture(self) -> str:
        return self.small_picture_url


@dataclass(frozen=True)
class Card(Face):
    """All that the ballot shows of one candidate to one voter: equal cards look the same."""

    profession: str
    headline: str
    """Empty without a pitch, and while it is covered."""
    statement: str
    is_covered: bool
    button: str
    """The state of the vote button; empty if there is none."""

    @property
    def is_short(self) -> bool:
        return len(self.statement) <= SHORT_STATEMENT

    @property
    def is_mine(self) -> bool:
        return self.button == "voted"

    @property
    def vote_button(self) -> Panel | None:
        return Panel(VOTE_BUTTON, self.button, {"person": self}) if self.button else None

    def html(self) -> SafeString:
        return fragment("voting/elections/_candidate.html", self)


def _face_of(person: Membership, conference: Conference) -> Face:
    profile = person.profile
    return Face(conference.slug, person.pk, str(profile), profile.small_picture_url)


def card_of(candidate: Candidate, mine: Participation) -> Card:
    is_covered = candidate.is_covered
    return Card(
        conference=mine.conference.slug,
        pk=candidate.pk,
        name=candidate.name,
        small_picture_url=candidate.small_picture_url,
        profession=candidate.profession,
        headline="" if is_covered else candidate.headline,
        statement="" if is_covered else candidate.statement,
        is_covered=is_covered,
        button=_state_of_button(candidate, mine),
    )


@dataclass(frozen=True)
class Search:
    """What is above the candidates, beside the words themselves."""

    has_words: bool
    count: int | None
    """Of those whom the words find; None if they are not counted."""
    is_shuffled: bool
    can_vote: bool


@dataclass(frozen=True)
class Found:
    """All that is around the cards, beside what is the request's own."""

    conference: str
    search: Search
    moves: bool
    """Whether a vote on this ballot changes one."""
    is_turned: bool
    """Whether the cards take the place of those of another page, and get the focus."""


@dataclass(frozen=True)
class Standing:
    """By which rules and list of voters the vote takes place."""

    conference: str
    rules: tuple[str, ...]
    is_roll_frozen: bool
    voters: int | None
    digest: str
    listed: bool
    late: bool
    has_closed: bool


def standing_of(election: Election) -> Standing:
    return Standing(
        conference=election.conference.slug,
        rules=tuple(rules_in_words(election.conference)) if election.rules_set_at else (),
        is_roll_frozen=election.roll_frozen_at is not None,
        voters=election.roll_size,
        digest=election.roll_digest,
        listed=election.only_roster_votes(),
        late=election.late_joiners_may_vote(),
        has_closed=election.has_closed(),
    )


def candidates_panel(
    mine: Participation, page: Any, found: list[Candidate], *, words: str, is_turned: bool
) -> Panel | None:
    """The candidates, or why there are none; None if the ballot does not show them."""
    election = mine.conference.election
    if not (election.is_open() or election.state() == VotingState.SCHEDULED or words):
        return None
    rows = [card_of(candidate, mine) for candidate in found]
    count = page.paginator.count if words and page.paginator else None
    search = Search(bool(words), count, bool(rows) and not words, not mine.refusal)
    if rows:
        around = Found(mine.conference.slug, search, moves=bool(mine.vote), is_turned=is_turned)
        cards = SafeString("".join(card.html() for card in rows))
        return Panel(CANDIDATES, "found", {"around": around, "cards": cards})
    state = "none_found" if words else _state_without_pitches(mine.membership)
    return Panel(CANDIDATES, state, {"search": search, "can_vote": not mine.refusal})


def _state_without_pitches(voter: Membership | None) -> str:
    """The voter's own pitch is not on their ballot, so it may be the only one."""
    if voter is None:
        return "no_pitches_for_reader"
    if not voter.has_pitch:
        return "no_pitches"
    return "only_mine" if voter.stands else "mine_is_not_shown"


def vote_button(person: Membership, mine: Participation) -> Panel | None:
    """The button to vote for this person, or a sign that the vote is for them; None if neither applies."""
    state = _state_of_button(person, mine)
    return Panel(VOTE_BUTTON, state, {"person": person}) if state else None


def _state_of_button(person: Membership | Candidate, mine: Participation) -> str:
    if mine.vote and mine.vote.candidate_id == person.pk:
        return "voted"
    is_self = mine.membership is not None and mine.membership.pk == person.pk
    is_candidate = person.accepts_votes and not person.is_pitch_hidden
    if not mine.may_vote_now or is_self or not is_candidate:
        return ""
    return "move" if mine.vote else "vote"
