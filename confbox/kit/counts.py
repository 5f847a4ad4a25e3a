"""Atomic counts in the default cache, whichever backend it has."""

from contextlib import suppress

from django.core.cache import cache


def count_one(key: str, seconds: int) -> None:
    """Adds one; the count expires this long after its first. None is lost in simultaneous requests."""
    if not cache.add(key, 1, seconds):
        # It was evicted from the cache meanwhile and starts again.
        with suppress(ValueError):
            cache.incr(key)
