"""Counts that take no longer for more rows: beyond a bound, a page says that there are more."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet


@dataclass(frozen=True)
class Counted:
    number: int
    is_more: bool = False


def count_rows(rows: QuerySet[Any], most: int) -> Counted:
    """How many there are, or that there are more than so many."""
    number = rows.order_by()[: most + 1].count()
    return Counted(min(number, most), is_more=number > most)


class OrMore(int):
    """A number of rows of which there are more, as text with a plus sign."""

    def __str__(self) -> str:
        return f"{int(self):d}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first rows of very many. The others are found by searching and filtering."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        found = count_rows(self.object_list, self.MOST)  # type: ignore[arg-type]
        return OrMore(found.number) if found.is_more else found.number
