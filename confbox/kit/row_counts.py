"""Counts of rows in one query with others, and counts that take no longer for more rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, Func, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce


@dataclass(frozen=True)
class Counted:
    number: int
    is_more: bool = False


def count_rows(rows: QuerySet[Any], most: int) -> Counted:
    """How many there are, or that there are more than so many."""
    # Without what only a page of them needs.
    number = rows.order_by().values("pk")[: most + 1].count()
    return Counted(min(number, most), is_more=number > most)


def count_each(querysets: Sequence[QuerySet[Any]], most: int) -> list[int]:
    """How many rows each has, or that there are more than so many, by one query."""
    found = [rows.order_by().values("pk")[: most + 1].query.sql_with_params() for rows in querysets]
    if not found:
        return []
    # The numbers are those of the querysets, and their values are parameters.
    counts = [f"SELECT {n}, COUNT(*) FROM ({sql}) counted" for n, (sql, _) in enumerate(found)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts), [value for _, values in found for value in values])
        numbers = [number for _n, number in sorted(cursor.fetchall())]
    return [OrMore(most) if number > most else number for number in numbers]


def count_of(rows: QuerySet[Any], by: str) -> Func:
    """How many of these rows there are for each row of an outer query, to which they refer by this column."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0))


class OrMore(int):
    """A number of rows of which there are more, as text with a plus sign."""

    def __str__(self) -> str:
        return f"{int(self):d}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first rows of very many. The others are found by searching and filtering.

    The rows of a page are found by their IDs: where joined tables are read as well, MariaDB may sort all rows
    rather than read the first ones in the order of an index.
    """

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        found = count_rows(self.object_list, self.MOST)  # type: ignore[arg-type]
        return OrMore(found.number) if found.is_more else found.number

    def page(self, number: Any) -> Any:
        rows: Any = self.object_list
        number = self.validate_number(number)
        last = min(number * self.per_page, int(self.count))
        ids = self.ids((number - 1) * self.per_page, last)
        found = {row.pk: row for row in rows.order_by().filter(pk__in=ids)}
        return Page([found[pk] for pk in ids if pk in found], number, self)

    def ids(self, first: int, last: int) -> list[int]:
        """Of the rows from the first of a page to before the last."""
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[first:last])
