"""Searches in very long lists: they find the first rows to which an index of names leads."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.search import words_of
from confbox.kit.walking import Walk, stretches_of

MOST_FOUND = 500


def said_of_search() -> str:
    """For those who look for a person in such a list."""
    sentence = _(
        "In a list of this length, a search finds people by how the name, the last name or the email address "
        "begins, and at most %(n)d of them."
    )
    return sentence % {"n": MOST_FOUND}


def is_long(rows: QuerySet[Any], most: int | None = None) -> bool:
    """Whether there are too many to search all; on SQLite, which is for fewer people, never."""
    most = BoundedPaginator.MOST if most is None else most
    return connection.vendor == "mysql" and rows.order_by()[most:].exists()


def first_found(
    found: QuerySet[Any],
    people: QuerySet[Any],
    words: str,
    columns: Mapping[str, int],
    *,
    unique: str = "",
    to_person: str = "pk",
) -> list[int]:
    """The IDs of the first of the rows that a search has `found`: those of people whose names begin that way.

    `columns` and `unique` are those of the people, as `stretches_of` needs them, and `to_person` is the path
    from a row to its person.
    """

    def rows_of(ids: list[int], _column: str) -> dict[int, list[int]]:
        rows = defaultdict(list)
        of_people = found.order_by().filter(**{f"{to_person}__in": ids})
        for person, pk in of_people.values_list(to_person, "pk"):
            rows[person].append(pk)
        return rows

    stretches = [s for typed in [words, *words_of(words)] for s in stretches_of(typed, columns, unique)]
    walk = Walk(people, list(dict.fromkeys(stretches)), rows_of, lambda pk: None)
    return [pk for rows in walk.page("", MOST_FOUND) for pk in rows]
