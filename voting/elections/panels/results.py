"""What the results page shows a member."""

from typing import Any

from confbox.kit.charts import bar_chart
from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision
from voting.elections.panels.link import link_note
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.signing import public_key
from voting.elections.results import decisions_of, no_longer_speaking
from voting.elections.roll.publication import roll_changes
from voting.elections.tally import TallyResult

DECISION_PANEL = "voting/elections/decision_panel"
RESULT_PANEL = "voting/elections/result_panel"
# While a count of a large vote is awaited.
COUNTING = Panel(RESULT_PANEL, "counting", {"is_open": True})
WHO_VOTED_NOTE = "voting/elections/who_voted_note"


def decision_panel(decision: Decision | None, membership: Membership) -> Panel | None:
    """The decision, if the member may know it, and how the chosen member can answer."""
    if decision is None:
        return None
    is_mine = decision.speaker_id == membership.pk
    state = "mine_" + decision.answer if is_mine else decision.answer
    return Panel(DECISION_PANEL, state, {"decision": decision})


def result_panel(
    conference: Conference, *, decision: Decision | None, tally: TallyResult | None
) -> Panel | None:
    """The count, or when it will be shown; None if the member may see only the decision.

    `tally` is None if the member may not see it.
    """
    election = conference.election
    if tally is None:
        return None if decision else Panel(RESULT_PANEL, _state_of_waiting(election))
    is_open = election.state() == VotingState.OPEN
    facts = tally_facts(tally, speaker_id=decision.speaker_id if decision else None) | {"is_open": is_open}
    if is_open:
        return Panel(RESULT_PANEL, "live", facts)
    if decision:
        return Panel(RESULT_PANEL, "decided", facts)
    return Panel(
        RESULT_PANEL, "undecided", facts | {"was_speaker": no_longer_speaking(decisions_of(conference))}
    )


def _state_of_waiting(election: Election) -> str:
    if election.results_visibility == Election.ResultsVisibility.AFTER_CLOSE:
        return "shown_after_close"
    return "shown_after_decision"


def who_voted_note(published: PublishedBallots | None, election: Election) -> Panel | None:
    """The link to the names of those who voted, or why they are withheld; None if the rules hide them."""
    if published is None:
        return None
    if published.result.get("voters"):
        return Panel(WHO_VOTED_NOTE, "named")
    return Panel(WHO_VOTED_NOTE, "withheld") if election.publishes_participants else None


def proof_of(published: PublishedBallots | None, conference: Conference) -> dict[str, Any]:
    """With what anyone can check the published result; nothing of it before."""
    if published is None:
        return {"published": None, "who_voted": None}
    return {
        "published": published,
        "link": link_note(published, conference),
        "who_voted": who_voted_note(published, conference.election),
        "roll_changes": roll_changes(conference.election),
        "site_key": public_key(),
    }


def tally_facts(tally: TallyResult, *, speaker_id: int | None) -> dict[str, object]:
    """The figures, and each candidate's votes with a bar; the speaker's is marked."""
    chart = bar_chart([(s.name, s.votes, s.candidate.pk == speaker_id) for s in tally.standings])
    return {
        "tally": tally,
        "tied": len(tally.leaders) if len(tally.leaders) > 1 else 0,
        "rows": list(zip(tally.standings, chart.bars, strict=True)),
    }
