"""Pieces of pages that show nothing but one value: rendered once for each value and language."""

from collections.abc import Hashable
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

KEPT = 2000
"""By each process; a card of the ballot has about two kilobytes."""


def fragment(template: str, value: Hashable) -> SafeString:
    """The template with this value as `it`, and with nothing else: no request, viewer or time.

    What is kept is never out of date, because a change makes another value. So the value has to hold
    whatever is shown as texts, numbers and the like, which are compared by what they say; two objects of a
    model are equal if they have the same ID. A path begins with the prefix under which the request found the
    site, so one that was asked for with a wrong prefix is not shown to others. While DEBUG is on, templates
    change, and nothing is kept.
    """
    if settings.DEBUG:
        return render_to_string(template, {"it": value})
    return _fragment(template, value, get_language(), get_script_prefix())


@lru_cache(KEPT)
def _fragment(template: str, value: Hashable, _language: str | None, _prefix: str) -> SafeString:
    return render_to_string(template, {"it": value})
