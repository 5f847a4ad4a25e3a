"""Lists of the members of one conference in alphabetical order.

A list of a few thousand is found, counted and sorted whole. That of a larger conference is walked in the
order of the site's people, so that a page of it takes no longer for a million members; a search in it finds
names and professions by how they, or the last two words of a name, begin.
"""

from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Max, Q, Value
from django.http import HttpRequest

from accounts.models import User
from confbox.kit.pagination import page_of
from confbox.kit.sorting import Alphabetical
from confbox.kit.walking import Place, Walk, stretches_of
from conferences.models import Conference, Membership, MembershipQuerySet

ORDER = (Alphabetical("user__name"), "pk")
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
    most = max(MOST_SORTED, int(most_people() * SMALLEST_SHARE))
    return current[most:].exists()


def most_people() -> int:
    """How many there are at most on the site; counting them would take longer than a page."""
    return User.objects.aggregate(last=Max("pk"))["last"] or 0


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
    place: Place | None,
    conference: Conference,
    members: MembershipQuerySet,
    words: str,
    per_page: int,
    *,
    are_most: bool = True,
) -> tuple[list[Membership], Place | None]:
    """The same for a program: those after this place, and the place of the last one if there are more."""
    found = members.search(words)
    if are_most and is_large(conference):
        return _walk(found, members, words).after(place, per_page)
    return sorted_after(place, found, per_page)


def sorted_after(
    place: Place | None, found: MembershipQuerySet, per_page: int
) -> tuple[list[Membership], Place | None]:
    """As `page_at`, of so few that they are sorted."""
    rows = found.annotate(sorted_by=ORDER[0]).order_by("sorted_by", "user_id")
    if place:
        name = Alphabetical(Value(place.value))
        rows = rows.filter(Q(sorted_by__gt=name) | Q(sorted_by=name, user_id__gt=place.person))
    shown = list(rows[: per_page + 1])
    last = shown[per_page - 1].user if len(shown) > per_page else None
    return shown[:per_page], Place(0, last.name, last.pk) if last else None


def _walk(found: MembershipQuerySet, members: MembershipQuerySet, words: str) -> Walk:
    return Walk(
        people=User.objects.all(),
        stretches=stretches_of(words, COLUMNS),
        rows_of=partial(_members_by_person, found),
        person_of=lambda pk: _person_of(members, pk),
    )


def _members_by_person(found: MembershipQuerySet, ids: list[int], column: str) -> dict[int, Membership]:
    """Whose profession is not shown is not found by it either: where the others are would tell it."""
    rows = found.filter(user__in=ids)
    if column == "profession":
        rows = rows.filter(user__shows_profession=True, profile_hidden_at=None)
    return {row.user_id: row for row in rows.order_by()}


def _person_of(members: MembershipQuerySet, pk: int) -> User | None:
    found = members.filter(pk=pk).first()
    return found.user if found else None
