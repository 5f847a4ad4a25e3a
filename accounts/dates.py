"""Dates as each language writes them, where Django's formats cannot."""

from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

# The first of a month, which these languages write with an ordinal: "1er mai".
FIRST_DAY = {"fr": r"1\e\r"}


def written(day: date, form: str) -> str:
    """The day, or the time, in a format of Django's or in the one of that name."""
    letters = str(get_format(form))
    first = FIRST_DAY.get(get_language() or "") if day.day == 1 else None
    return date_format(day, letters.replace("j", first) if first else letters)
