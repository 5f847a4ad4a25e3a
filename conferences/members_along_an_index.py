"""Pages of the organisers' list of the members of a conference, in the order of an index of all people."""

from math import isqrt
from typing import Any

from django.db import connection
from django.db.models import OrderBy, OuterRef, Subquery

from accounts.models import User
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.sorting import Alphabetical
from conferences.members_in_order import most_people


class MembersAlongAnIndex(BoundedPaginator):
    """Such pages, unless sorting the members takes no longer than looking for them among all people.

    MariaDB estimates which is shorter from a few pages of the index, and is sometimes wrong: a page of a
    million members then takes seconds. A subquery for each person, who has one row, leaves it no choice.
    """

    def ids(self, first: int, last: int) -> list[int]:
        rows: Any = self.object_list
        order = order_of_people(rows.query.order_by[0]) if rows.query.order_by else []
        if not order or not is_walk_shorter(rows.order_by(), last):
            return super().ids(first, last)
        of_person = rows.order_by().filter(user=OuterRef("pk")).values("pk")[:1]
        found = User.objects.annotate(row=Subquery(of_person)).filter(row__isnull=False)
        return list(found.order_by(*order).values_list("row", flat=True)[first:last])


def order_of_people(by: Any) -> list[Any]:
    """The same order as a list of people has it; empty if no index has."""
    if isinstance(by, OrderBy) and by.expression == Alphabetical("user__sort_name"):
        name, pk = Alphabetical("sort_name"), "pk"
        return [name.desc(), f"-{pk}"] if by.descending else [name.asc(), pk]
    return [by.replace("user__", "")] if by in ("user__email", "-user__email") else []


def is_walk_shorter(rows: Any, last: int) -> bool:
    """One in so many people has a row, so that `last` rows are found among `last` times so many people."""
    return connection.vendor == "mysql" and rows[isqrt(last * most_people()) :].exists()
