"""Dates as each language writes them, where Django's formats cannot."""

from datetime import date, datetime

from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

# The first day of a month, which these languages write as an ordinal: "1er mai".
FIRST_DAY = {"fr": r"1\e\r"}


def format_date(day: date, form: str) -> str:
    """Formats a date or time with a format of Django's or the one registered under that name."""
    letters = str(get_format(form))
    first = FIRST_DAY.get(get_language() or "") if day.day == 1 else None
    return date_format(day, letters.replace("j", first) if first else letters)


def datetime_in_words(local: datetime, zone: str) -> str:
    return _("%(day)s, %(clock)s (%(zone)s)") % {
        "day": day_in_words(local),
        "clock": time_in_words(local),
        "zone": zone.replace("_", " "),
    }


def day_in_words(local: date) -> str:
    return format_date(local, pgettext("a day", "j F Y"))


def time_in_words(local: datetime) -> str:
    return time_format(local, pgettext("time of day", "H:i"))
