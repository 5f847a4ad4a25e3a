"""How times are shown, the same way everywhere."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from confbox.kit.dates import datetime_in_words, day_in_words, format_date, time_in_words
from confbox.kit.local_time import MINUTE, is_first_minute
from conferences.models import Conference


def in_zone(conference: Conference, when: datetime | None) -> str:
    """The time in the conference's own time zone, with the name of the zone; empty if there is no time."""
    return _in_words(when, conference.time_zone, get_language()) if when else ""


@lru_cache(1000)
def _in_words(when: datetime, zone: str, _language: str | None) -> str:
    return datetime_in_words(when.astimezone(ZoneInfo(zone)), zone)


def end_in_zone(conference: Conference, when: datetime) -> str:
    """Until when something lasts: a midnight is the end of the day before, which is what readers expect."""
    is_midnight = is_first_minute(when, conference.zone)
    return in_zone(conference, when - MINUTE if is_midnight else when)


def days_of(conference: Conference) -> str:
    """From its first to its last day, in its own zone: “26–27 November 2026”."""
    if not conference.has_dates:
        return _("The dates are not set yet")
    first, last = _ends(conference)
    # Times of two zones can be equal and of different days.
    return _days_in_words(first.date(), last.date(), get_language())


@lru_cache(1000)
def _days_in_words(first: date, last: date, _language: str | None) -> str:
    if first == last:
        return day_in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        start = format_date(first, pgettext("first day of two in one month", "j"))
    elif first.year == last.year:
        start = format_date(first, pgettext("first day of two in one year", "j F"))
    else:
        start = day_in_words(first)
    return _("%(first)s–%(last)s") % {"first": start, "last": day_in_words(last)}


def hours_of(conference: Conference) -> str:
    """The time of day at which it starts and ends; empty if only the days are known."""
    if conference.is_all_day or not conference.has_dates:
        return ""
    first, last = _ends(conference)
    return _("%(first)s–%(last)s") % {"first": time_in_words(first), "last": time_in_words(last)}


def _ends(conference: Conference) -> tuple[datetime, datetime]:
    return conference.starts_at.astimezone(conference.zone), conference.ends_at.astimezone(conference.zone)
