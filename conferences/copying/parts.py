"""What belongs to a conference, is copied with it, and is shown on the page that asks.

Apps above this one register their parts when the site starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from conferences.copying.dates import Dates
from conferences.copying.tables import Table
from conferences.models import Conference

NONE, MOST_LETTERS = "–", 100


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """What is copied, under one title."""

    title: str
    facts: list[Fact]


@dataclass(frozen=True)
class CopiedPart:
    """`copy` writes to a conference that has just been created, in its transaction."""

    tables: list[Table]
    copy: Callable[[Conference, Conference, Dates], None]
    sections: Callable[[Conference], list[Section]]
    # What is not copied, in words.
    left: Callable[[], list[str]]


PARTS: list[CopiedPart] = []


def facts_of(row: models.Model, *names: str) -> list[Fact]:
    """These columns, as their forms name them."""
    found = []
    for name in names:
        field: Any = row._meta.get_field(name)
        found.append(Fact(capfirst(str(field.verbose_name)), _in_words(row, field)))
    return found


def _in_words(row: Any, field: Any) -> str:
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    return Truncator(" ".join(str(value).split())).chars(MOST_LETTERS) or NONE
