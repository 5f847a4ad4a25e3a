"""Counts in the default cache, one step each, whichever cache it is."""

from contextlib import suppress

from django.core.cache import cache


def count_one(key: str, seconds: int) -> None:
    """Counts until so long after the first; none is lost among requests at the same moment."""
    if not cache.add(key, 1, seconds):
        # Pushed out of the cache since, it begins anew.
        with suppress(ValueError):
            cache.incr(key)
