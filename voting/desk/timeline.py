"""When votes were cast, as counts only."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from confbox.kit.charts import Curve, curve
from conferences.models import Conference
from voting.elections.figures.shown import shown_hours
from voting.elections.receipts.actions import ensure_published

# While voting is open, fewer votes than this are not a step of their own, so that no step is one person's
# vote.
FEWEST = 5


@dataclass(frozen=True)
class Timeline:
    curve: Curve
    days: list[tuple[date, int, int]]
    starts: datetime
    ends: datetime
    # Of one step, a chart would be a block without a course.
    has_course: bool
    # The votes of each step, by the hour in which it ends.
    hours: list[tuple[datetime, int]]


def timeline_of(conference: Conference) -> Timeline | None:
    """Votes by the hour in which each current vote was cast, and by local day.

    None before voting opens, and while they are being counted.
    """
    opens, closes = conference.election.opens_at, conference.election.closes_at
    if opens is None or closes is None or not has_begun(conference):
        return None
    published = ensure_published(conference)
    stored = published.hours if published else shown_hours(conference)
    if stored is None:
        return None
    hours = [(datetime.fromisoformat(hour), votes) for hour, votes in stored]
    if not published:
        hours = in_steps(hours)
    ends = min(closes, conference.now)
    return Timeline(curve(hours, opens, ends), _by_day(conference, hours), opens, ends, len(hours) > 1, hours)


def has_begun(conference: Conference) -> bool:
    opens, closes = conference.election.opens_at, conference.election.closes_at
    return opens is not None and closes is not None and opens <= conference.now


def in_steps(hours: list[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """Joins hours with fewer than five votes to the next ones; what is left over is not shown."""
    steps, waiting = [], 0
    for hour, votes in hours:
        waiting += votes
        if waiting >= FEWEST:
            steps.append((hour, waiting))
            waiting = 0
    return steps


def _by_day(conference: Conference, hours: list[tuple[datetime, int]]) -> list[tuple[date, int, int]]:
    days: Counter[date] = Counter()
    for hour, votes in hours:
        days[hour.astimezone(conference.zone).date()] += votes
    rows, so_far = [], 0
    for day in sorted(days):
        so_far += days[day]
        rows.append((day, days[day], so_far))
    return rows
