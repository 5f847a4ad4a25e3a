"""Pieces of pages that show nothing but some values: rendered once for each of them and each language."""

import re
from collections.abc import Hashable
from functools import cache, lru_cache
from secrets import randbits
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

KEPT = 2000
"""By each process; a card of the ballot has about two kilobytes."""
# No one can guess it, so no text of a person has a hole.
EDGE = str(randbits(128))
HOLE = re.compile(f"<{EDGE} ([^>]+)>")


def fragment(template: str, it: Hashable = "", **values: Hashable) -> SafeString:
    """The template with these values, one of them as `it`, and with nothing else: no request, viewer or time.

    What is kept is never out of date, because a change makes another value. So the values have to hold
    whatever is shown as texts, numbers and the like, which are compared by what they say. A path begins with
    the prefix under which the request found the site, so one that was asked for with a wrong prefix is not
    shown to others. While DEBUG is on, templates change, and nothing is kept.

    Raises:
        TypeError: a value is a row of the database, which is equal to itself whatever it says.
    """
    return _fragment_of(template, (("it", it), *values.items()))[0]


def filled_fragment(template: str, it: Hashable = "", **personal: Any) -> SafeString:
    """As `fragment`, with holes for what is a person's or a request's; what fills them is never kept.

    The template can print what is personal, but neither change it nor decide by it: it sees a hole.

    Raises:
        ValueError: the template has changed a hole, for example by a filter.
    """
    pieces = _fragment_of(template, (("it", it), *((name, _hole(name)) for name in personal)))
    filling = {name: conditional_escape(value) for name, value in personal.items()}
    # Texts and names of holes take turns.
    return SafeString("".join([filling[piece] if at % 2 else piece for at, piece in enumerate(pieces)]))


@cache
def _hole(name: str) -> SafeString:
    return SafeString(f"<{EDGE} {name}>")


def _fragment_of(template: str, known: tuple[tuple[str, Hashable], ...]) -> tuple[SafeString, ...]:
    if settings.DEBUG:
        return _in_pieces(template, known)
    return _fragment(template, known, get_language(), get_script_prefix())


@lru_cache(KEPT)
def _fragment(
    template: str, known: tuple[tuple[str, Hashable], ...], _language: str | None, _prefix: str
) -> tuple[SafeString, ...]:
    return _in_pieces(template, known)


def _in_pieces(template: str, known: tuple[tuple[str, Hashable], ...]) -> tuple[SafeString, ...]:
    """The texts around the holes, and between them the names of the holes."""
    pieces = HOLE.split(_rendered(template, known))
    if any(EDGE in piece for piece in pieces):
        raise ValueError(f"{template} has to print what is personal as it is.")
    return tuple(map(SafeString, pieces))


def _rendered(template: str, known: tuple[tuple[str, Hashable], ...]) -> SafeString:
    if rows := [name for name, value in known if isinstance(value, Model)]:
        raise TypeError(f"{template} is to be kept, and is given rows of the database: {rows}.")
    return render_to_string(template, dict(known))
