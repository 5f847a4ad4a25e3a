"""The dates of a copy: suggested ones, and those that are refused."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.local_time import is_last_minute, last_minute
from conferences.date_rules import refusals_of_dates
from conferences.models import Conference

WEEKS_A_YEAR = 365.2425 / 7
# Fields of the form, and the dates that they fill.
FIELDS = {
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "voting_opens_at": "opens_at",
    "voting_closes_at": "closes_at",
}


@dataclass(frozen=True)
class Dates:
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def of_fields(self) -> dict[str, datetime | None]:
        return {name: getattr(self, date) for name, date in FIELDS.items()}


def dates_of(conference: Conference) -> Dates:
    election = conference.election
    return Dates(conference.starts_at, conference.ends_at, election.opens_at, election.closes_at)


def suggested_dates(source: Conference, *, now: datetime) -> tuple[Dates, int]:
    """The same weekdays a year later, or as many years later as it takes until all are ahead; in weeks."""
    old, zone = dates_of(source), source.zone
    first = min(when for when in old.of_fields().values() if when)
    years = (round(year * WEEKS_A_YEAR) for year in count(1))
    weeks = next(weeks for weeks in years if weeks_later(first, weeks, zone) > now)
    moved = {name: weeks_later(when, weeks, zone) for name, when in vars(old).items() if when}
    return replace(old, **moved), weeks


def weeks_later(when: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """At the same time of day there, also if clocks have changed in between."""
    day = when.astimezone(zone).date() + timedelta(weeks=weeks)
    if is_last_minute(when, zone):
        return last_minute(day, zone)
    return datetime.combine(day, when.astimezone(zone).time(), zone).astimezone(UTC)


def refuse_dates(dates: Dates, *, now: datetime, zone: ZoneInfo, is_due: datetime | None = None) -> None:
    """Raises ValidationError, by field, if dates have passed, are in the wrong order or too far apart.

    Voting may have been to open at `is_due`, a time that has come while it is a draft.
    """
    found = refusals_of_dates(
        starts_at=dates.starts_at,
        ends_at=dates.ends_at,
        opens_at=dates.opens_at,
        closes_at=dates.closes_at,
        now=now,
        zone=zone,
    )
    found |= _refusals_of_window(dates)
    passed = _("This time has passed. Please choose a later one.")
    found |= {name: passed for name, when in dates.of_fields().items() if when and when <= now}
    if is_due and dates.opens_at == is_due and found.get("voting_opens_at") == passed:
        del found["voting_opens_at"]
    if found:
        raise ValidationError(found)


def _refusals_of_window(dates: Dates) -> dict[str, str]:
    both = _("Voting needs both an opening time and a later closing time.")
    if dates.closes_at and not dates.opens_at:
        return {"voting_opens_at": both}
    if dates.opens_at and dates.closes_at is None:
        return {"voting_closes_at": both}
    return {}
