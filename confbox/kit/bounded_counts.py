"""Counts that take no longer for more rows: beyond a bound, a page says that there are more."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Counted:
    number: int
    is_more: bool = False


def count_rows(rows: QuerySet[Any], most: int) -> Counted:
    """How many there are, or that there are more than so many."""
    number = rows.order_by()[: most + 1].count()
    return Counted(min(number, most), is_more=number > most)
