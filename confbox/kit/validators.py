import unicodedata
from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LINE_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
# Embeddings, overrides and isolates can reorder the text around a name; marks cannot.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Letters by their category, but blank on every screen.
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
# Characters that several scripts need between letters, and emoji between their parts.
JOINERS_AND_MARKS = frozenset("\u200c\u200d\u200e\u200f")


def validate_encodable(value: str) -> None:
    """Refuses lone surrogates, which no database can store as UTF-8."""
    if any(unicodedata.category(c) == "Cs" for c in value):
        raise ValidationError(_("This text contains a character that cannot be stored. Please retype it."))


def validate_one_line(value: str) -> None:
    """Refuses line breaks, other control characters and characters that reorder text."""
    validate_encodable(value)
    if LINE_BREAKS.intersection(value):
        raise ValidationError(_("Please use one line of ordinary characters."))
    if any(unicodedata.category(c) == "Cc" or c in BIDI_CONTROLS for c in value):
        raise ValidationError(_("This contains an invisible character. Please type it again."))


def validate_name(value: str) -> None:
    """A name is one line and has at least one letter that a person can see."""
    validate_one_line(value)
    if any(c in FILLERS or (unicodedata.category(c) == "Cf" and c not in JOINERS_AND_MARKS) for c in value):
        raise ValidationError(_("This contains an invisible character. Please type it again."))
    if not any(unicodedata.category(c).startswith("L") for c in value):
        raise ValidationError(_("Please enter a name with at least one letter."))


@cache
def time_zones() -> frozenset[str]:
    """The names of all zones, cached because reading them from disk each time takes too long."""
    return frozenset(available_timezones())


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Example: Europe/Berlin."), params={"name": name}
        )
