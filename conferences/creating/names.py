"""The URL name of a new conference."""

from django.utils.crypto import get_random_string
from django.utils.text import slugify

from conferences.copying.names import HARD_TO_GUESS, LONGEST, free_slug

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def slug_for(title: str) -> str:
    """Follows from the title, where it has Latin letters, and is free."""
    stem = slugify(title)[: LONGEST - HARD_TO_GUESS - 1].strip("-_")
    return free_slug(stem) if stem else f"conference-{_drawn()}"


def hard_to_guess(slug: str) -> str:
    return f"{slug[: LONGEST - HARD_TO_GUESS - 1]}-{_drawn()}"


def _drawn() -> str:
    return get_random_string(HARD_TO_GUESS, LETTERS)
