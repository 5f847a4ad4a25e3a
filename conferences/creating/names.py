"""The URL name of a new conference."""

import re

from django.utils.crypto import get_random_string
from django.utils.text import slugify

from conferences.copying.names import HARD_TO_GUESS, LONGEST, free_slug
from conferences.models import Conference

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def slug_for(title: str) -> str:
    """Follows from the title, where it has Latin letters, and is free."""
    stem = _stem(title)
    return free_slug(stem) if stem else f"conference-{_drawn()}"


def slug_after(draft: Conference, title: str) -> str:
    """That of a draft whose title changes to this one: it follows, unless someone has typed another."""
    old, new = _stem(draft.title), _stem(title)
    if old == new or not _follows(draft.slug, old or "conference"):
        return draft.slug
    is_secret = draft.visibility == Conference.Visibility.UNLISTED
    return hard_to_guess(slug_for(title)) if is_secret else slug_for(title)


def hard_to_guess(slug: str) -> str:
    return f"{slug[: LONGEST - HARD_TO_GUESS - 1]}-{_drawn()}"


def _stem(title: str) -> str:
    return slugify(title)[: LONGEST - HARD_TO_GUESS - 1].strip("-_")


def _follows(slug: str, stem: str) -> bool:
    """Whether only what was added to find a free one, or one that is hard to guess, comes after it."""
    added = rf"(-\d+)?(-[{LETTERS}]{{{HARD_TO_GUESS}}}){{0,2}}"
    return bool(re.fullmatch(re.escape(stem) + added, slug))


def _drawn() -> str:
    return get_random_string(HARD_TO_GUESS, LETTERS)
