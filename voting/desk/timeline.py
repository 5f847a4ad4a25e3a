"""When votes were cast, as counts only."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Count
from django.db.models.functions import TruncHour

from conferences.models import Conference
from voting.charts import Curve, curve
from voting.models import Vote


@dataclass(frozen=True)
class Timeline:
    curve: Curve
    days: list[tuple[date, int, int]]
    starts: datetime
    ends: datetime


def timeline_of(conference: Conference) -> Timeline | None:
    """Votes by the hour in which each present vote was cast, and by day there; None before the opening."""
    opens, closes = conference.voting_opens_at, conference.voting_closes_at
    if opens is None or closes is None or conference.now < opens:
        return None
    votes = Vote.objects.filter(conference=conference).order_by()
    by_hour = votes.annotate(hour=TruncHour("cast_at", tzinfo=UTC)).values("hour").annotate(n=Count("pk"))
    hours = sorted(by_hour.values_list("hour", "n"))
    ends = min(closes, conference.now)
    return Timeline(curve(hours, opens, ends), _by_day(conference, hours), opens, ends)


def _by_day(conference: Conference, hours: list[tuple[datetime, int]]) -> list[tuple[date, int, int]]:
    days: Counter[date] = Counter()
    for hour, votes in hours:
        days[hour.astimezone(conference.zone).date()] += votes
    rows, so_far = [], 0
    for day in sorted(days):
        so_far += days[day]
        rows.append((day, days[day], so_far))
    return rows
