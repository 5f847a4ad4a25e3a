"""Dates of a new conference: what is stored until they are known, and voting times that follow from them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from confbox.kit.local_time import last_minute, start_of_day
from conferences.copying.dates import Dates, dates_of
from conferences.models import Conference

OPENS, CLOSES = time(9), time(20)
LONGEST_VOTE_DAYS = 28
# Between the end of the vote and the conference, so that the speaker can prepare.
PREPARATION_DAYS = 14
UNKNOWN_UNTIL = timedelta(days=365)
# How long ago “now” was typed, at most.
JUST_NOW = timedelta(minutes=5)


def placeholder(now: datetime, zone: ZoneInfo) -> Dates:
    """For a conference that does not have its dates yet: the columns are not empty."""
    day = (now + UNKNOWN_UNTIL).astimezone(zone).date()
    return Dates(start_of_day(day, zone), last_minute(day, zone))


def with_days(conference: Conference, first: date, last: date) -> Dates:
    """From the first to the last day. A day that does not change keeps its time of day."""
    zone, has_times = conference.zone, conference.has_dates and not conference.is_all_day
    if not has_times:
        return Dates(start_of_day(first, zone), last_minute(last, zone))
    starts, ends = conference.starts_at.astimezone(zone), conference.ends_at.astimezone(zone)
    return Dates(_at(first, starts.time(), zone), _at(last, ends.time(), zone))


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    return _at(now.astimezone(zone).date() + timedelta(days=1), OPENS, zone)


def suggested_window(
    dates: Dates, *, now: datetime, zone: ZoneInfo, opens_at: datetime | None = None
) -> Dates | None:
    """With a vote that closes well before the conference; None if it is too close.

    It opens at the time that was chosen, or tomorrow; one that opens today has its length from tomorrow on,
    but no vote has more than the longest from the day on which it opens.
    """
    tomorrow = tomorrow_morning(now, zone)
    opens = opens_at or tomorrow
    opens_on = max(tomorrow, opens).astimezone(zone).date()
    days_left = (dates.starts_at.astimezone(zone).date() - opens_on).days
    if days_left < 2:
        return None
    days = max(days_left - PREPARATION_DAYS, days_left // 2)
    last = opens.astimezone(zone).date() + timedelta(days=LONGEST_VOTE_DAYS)
    closes_at = _at(min(opens_on + timedelta(days=days), last), CLOSES, zone)
    return Dates(dates.starts_at, dates.ends_at, opens, closes_at)


def is_due_now(dates: Dates, draft: Conference) -> bool:
    """Whether voting opens as soon as the draft is published: its time is now, or came meanwhile."""
    opens, now = dates.opens_at, draft.now
    return opens is not None and (now - JUST_NOW <= opens <= now or opens == draft.election.opens_at)


def in_other_zone(conference: Conference, zone: ZoneInfo) -> Dates:
    """The same days and times of day in another zone."""
    old = dates_of(conference)
    moved = {name: _moved(when, conference.zone, zone) for name, when in vars(old).items() if when}
    if conference.is_all_day:
        ends = (old.starts_at, old.ends_at)
        first, last = (when.astimezone(conference.zone).date() for when in ends)
        moved |= {"starts_at": start_of_day(first, zone), "ends_at": last_minute(last, zone)}
    if old.opens_at and old.opens_at <= conference.now:
        # It still opens as soon as the draft is published.
        moved["opens_at"] = min(old.opens_at, moved["opens_at"])
    return Dates(**moved)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _moved(when: datetime, old: ZoneInfo, new: ZoneInfo) -> datetime:
    return when.astimezone(old).replace(tzinfo=new).astimezone(UTC)
