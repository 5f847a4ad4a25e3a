"""The title and the URL name that are suggested for a copy."""

import re
from itertools import count

from django.utils.crypto import get_random_string

from conferences.models import Conference, OldAddress

LONGEST = 120
HARD_TO_GUESS = 10


def suggested_title(source: Conference, *, year: int) -> str:
    """That of the source, with the new year if the old one is in it."""
    return _with_year(source.title, source, year)


def suggested_slug(source: Conference, *, year: int) -> str:
    """Free when it is suggested. That of an unlisted conference must not follow from the last one."""
    slug = _with_year(source.slug, source, year)
    if source.visibility == Conference.Visibility.UNLISTED:
        drawn = get_random_string(HARD_TO_GUESS, "abcdefghijkmnpqrstuvwxyz23456789")
        return f"{slug[: LONGEST - HARD_TO_GUESS - 1]}-{drawn}"
    if slug == source.slug:
        slug = f"{slug[: LONGEST - 5]}-{year}"
    return free_slug(slug)


def free_slug(slug: str) -> str:
    stem = slug[: LONGEST - 4]
    known = {
        name.lower()
        for rows in (Conference.objects, OldAddress.objects)
        for name in rows.filter(slug__istartswith=stem).values_list("slug", flat=True)
    }
    numbered = (f"{stem}-{number}" for number in count(2))
    return slug if slug.lower() not in known else next(name for name in numbered if name.lower() not in known)


def _with_year(text: str, source: Conference, year: int) -> str:
    old = source.starts_at.astimezone(source.zone).year
    return re.sub(rf"(?<!\d){old}(?!\d)", str(year), text)
