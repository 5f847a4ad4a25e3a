"""What a conference's page shows about its vote."""

from confbox.kit.panels import Panel
from conferences.admission.options import JoinOptions
from conferences.models import Conference
from voting.elections.cures import Cure, Reader, cures_of
from voting.elections.election.models import VotingState
from voting.elections.eligibility import Condition, bar_of, next_step, refusal_now
from voting.elections.models import WindowChange
from voting.elections.participation import Participation
from voting.elections.window import changes_of_window

VOTING_PANEL = "voting/elections/voting_panel"
WINDOW_NOTE = "voting/elections/window_note"
CONDITIONS_PANEL = "voting/elections/conditions_panel"
BEFORE_CLOSE = (VotingState.UNSCHEDULED, VotingState.SCHEDULED, VotingState.OPEN)


def voting_panel(mine: Participation) -> Panel:
    """The state of the vote, and the next step for this person."""
    is_open = mine.conference.election.is_open()
    facts = {
        "election": mine.conference.election,
        "is_member": mine.membership is not None,
        "vote": mine.vote,
        "why_void": mine.why_void,
        "bar": bar_of(mine.membership) if mine.membership else "",
        "has_result": bool(mine.result),
        "was_speaker": mine.no_longer_speaking,
    }
    return Panel(VOTING_PANEL, _state_of_open_vote(mine) if is_open else _state_of_no_vote(mine), facts)


def _state_of_open_vote(mine: Participation) -> str:
    if mine.vote:
        return "voted"
    if mine.membership:
        return "can_vote" if mine.can_vote else "cannot_vote"
    return "too_late_to_join" if mine.is_too_late else "can_join"


def _state_of_no_vote(mine: Participation) -> str:
    if mine.result == "asked":
        return "chosen"
    state = mine.conference.election.state()
    if state in BEFORE_CLOSE and mine.conference.status != Conference.Status.ACTIVE:
        return "inactive"
    return _state_of_scheduled_vote(mine) if state == VotingState.SCHEDULED else str(state)


def _state_of_scheduled_vote(mine: Participation) -> str:
    if mine.membership:
        return "scheduled_for_member"
    may_join_late = mine.conference.election.late_joiners_may_vote()
    return "scheduled" if may_join_late else "scheduled_for_early_joiners"


def window_note(conference: Conference) -> Panel | None:
    """The latest change to the times of the vote; where to vote by is no news once it has closed."""
    changes = changes_of_window(conference)
    if not changes:
        return None
    latest = changes[0]
    is_past = latest.act == WindowChange.Act.MOVED and not conference.election.is_open()
    facts = {"latest": latest, "changes": changes}
    return Panel(WINDOW_NOTE, "past" if is_past else str(latest.act), facts)


def conditions_panel(mine: Participation, options: JoinOptions) -> Panel | None:
    """The conditions for voting; None for a person who is not logged in."""
    if not mine.conditions:
        return None
    election, step = mine.conference.election, next_step(found=mine.conditions, conference=mine.conference)
    found = _with_cures(mine, options)
    opening = refusal_now(mine.conference) if election.state() == VotingState.SCHEDULED else ""
    facts = {
        "election": election,
        "conditions": found,
        "cures": next((cures for condition, cures in found if not condition.holds), []),
        "removal": "" if mine.removal == step else mine.removal,
        "next_step": step,
        # What there is to wait for after the next step.
        "opening": "" if opening == step else opening,
        "vote": mine.vote,
        "has_window": election.opens_at and election.state() != VotingState.UNSCHEDULED,
    }
    return Panel(CONDITIONS_PANEL, _state_of_conditions(mine), facts)


def _with_cures(mine: Participation, options: JoinOptions) -> list[tuple[Condition, list[Cure]]]:
    is_decided = mine.membership is not None and mine.conference.election.state() == VotingState.DECIDED
    has_result = is_decided or bool(mine.result)
    reader = Reader(options, mine.membership, has_result)
    return [(condition, cures_of(condition, reader)) for condition in mine.conditions]


def _state_of_conditions(mine: Participation) -> str:
    if not mine.can_vote:
        return "has_voted" if mine.vote else "cannot_vote"
    return "can_change_vote" if mine.vote else "can_vote"
