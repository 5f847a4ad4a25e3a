"""The figures that pages show of a vote. What an act is based on is counted anew, in `tally.py`.

Each is None while it is being counted for the first time. Whether a person may see it, the page has asked.
"""

from typing import Any

from conferences.models import Conference
from voting.elections.figures.counting import COUNTS
from voting.elections.figures.kept import Figure, is_large, kept_figure
from voting.elections.models import KeptFigure
from voting.elections.receipts.models import PublishedBallots
from voting.elections.tally import TallyResult, published_tally, published_turnout, standings_of

Kind = KeptFigure.Kind


def shown_turnout(conference: Conference, published: PublishedBallots | None) -> TallyResult | None:
    """How many voted of how many, but not for whom."""
    if published:
        return published_turnout(published)
    figure = _figure(conference, Kind.TURNOUT)
    return TallyResult([], **figure.value, counted_at=figure.counted_at) if figure else None


def shown_tally(conference: Conference, published: PublishedBallots | None) -> TallyResult | None:
    """Votes per candidate, for those who may see them now."""
    if published:
        return published_tally(published)
    figure = _figure(conference, Kind.TALLY)
    if figure is None:
        return None
    people = dict(figure.value)
    counted: dict[int, int] = dict(people.pop("candidates"))
    votes = sum(counted.values())
    return TallyResult(standings_of(counted, {}), votes, **people, counted_at=figure.counted_at)


def shown_hours(conference: Conference) -> list[Any] | None:
    """Votes by the hour in which they were cast."""
    figure = _figure(conference, Kind.HOURS)
    return figure.value if figure else None


def shown_roll(conference: Conference) -> Figure | None:
    """The numbers of its list of voters, once that is fixed."""
    return _figure(conference, Kind.ROLL)


def _figure(conference: Conference, kind: str) -> Figure | None:
    """A small vote, whose time needs not be shown, is counted at each view."""
    if is_large(conference.election):
        return kept_figure(conference.election, kind)
    return Figure(COUNTS[kind](conference), None)
