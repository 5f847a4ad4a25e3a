"""Lists of the members of one conference in alphabetical order.

A list of a few thousand is found, counted and sorted whole. That of a larger conference is walked in the
order of the site's people, so that a page of it takes no longer for a million members; a search in it finds
names and professions by how they, or the last two words of a name, begin.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max, Q, Value
from django.http import HttpRequest

from accounts.models import User
from confbox.kit.pagination import page_of
from confbox.kit.sorting import Alphabetical
from confbox.kit.walking import Walk, stretches_of
from conferences.models import Conference, Membership, MembershipQuerySet

ORDER = (Alphabetical("user__name"), "pk")
PLACE = re.compile("([1-9][0-9]{0,17})-([0-9]{1,9})")
MOST_SORTED = 2_000
# One with a smaller share of the site's people is sorted: most of the people on the way would be no members.
SMALLEST_SHARE = 0.01
# As `stretches_of` needs them; the first one has the order of the whole list.
COLUMNS = {"sort_name": 9, "from_last_word": 1, "from_second_last_word": 2, "profession": 9}


def is_large(conference: Conference) -> bool:
    """Whether its lists are walked; on SQLite, which is for fewer people, never."""
    if connection.vendor != "mysql":
        return False
    current = Membership.objects.current().filter(conference=conference).order_by()
    people = User.objects.aggregate(last=Max("pk"))["last"] or 0
    most = max(MOST_SORTED, int(people * SMALLEST_SHARE))
    return current[most:].exists()


def page_in_order(
    request: HttpRequest,
    conference: Conference,
    members: MembershipQuerySet,
    words: str,
    per_page: int,
    *,
    are_most: bool = True,
) -> Any:
    """The page in `?page=` of these members of the conference, or of those whom the words find.

    `are_most`: they are most of its members. Walking to a few of very many would take long.
    """
    found = members.search(words)
    if are_most and is_large(conference):
        return _walk(found, members, words).page(request.GET.get("page", ""), per_page)
    return page_of(request, found.order_by(*ORDER), per_page)


def page_at(
    place: str,
    conference: Conference,
    members: MembershipQuerySet,
    words: str,
    per_page: int,
    *,
    are_most: bool = True,
) -> Any:
    """The same for a program: the page after this place, the first without one. No page has a number."""
    found = members.search(words)
    if are_most and is_large(conference):
        return _walk(found, members, words).page(place, per_page)
    return _page_after(place, found, per_page)


@dataclass(frozen=True)
class SortedPage:
    object_list: list[Membership]
    rest: str

    def has_next(self) -> bool:
        return bool(self.rest)

    def next_page_number(self) -> str:
        return self.rest


def _page_after(place: str, found: MembershipQuerySet, per_page: int) -> SortedPage:
    """A place is a member and how many come before the next page: that counts once they are not listed."""
    known = PLACE.fullmatch(place)
    seen = int(known[2]) if known else 0
    rows = found.annotate(sorted_by=ORDER[0]).order_by("sorted_by", "pk")
    last = _person_of(found, int(known[1])) if known else None
    if known and last:
        name = Alphabetical(Value(last.name))
        rows = rows.filter(Q(sorted_by__gt=name) | Q(sorted_by=name, pk__gt=int(known[1])))
    start = max(0, seen - 1) if known and not last else 0
    shown = list(rows[start : start + per_page + 1])
    rest = f"{shown[per_page - 1].pk}-{seen + per_page}" if len(shown) > per_page else ""
    return SortedPage(shown[:per_page], rest)


def _walk(found: MembershipQuerySet, members: MembershipQuerySet, words: str) -> Walk:
    return Walk(
        people=User.objects.all(),
        stretches=stretches_of(words, COLUMNS),
        rows_of=lambda ids: {row.user_id: row for row in found.filter(user__in=ids).order_by()},
        person_of=lambda pk: _person_of(members, pk),
    )


def _person_of(members: MembershipQuerySet, pk: int) -> User | None:
    found = members.filter(pk=pk).first()
    return found.user if found else None
