"""Lists of the members of one conference in alphabetical order.

A list of a few thousand is found, counted and sorted whole. That of a larger conference is walked in the
order of the site's people, so that a page of it takes no longer for a million members; a search in it finds
names and professions by how they, or the last two words of a name, begin.
"""

from typing import Any

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Max
from django.http import HttpRequest

from accounts.models import User
from confbox.kit.sorting import Alphabetical
from confbox.kit.walking import Walk, stretches_of
from conferences.models import Conference, Membership, MembershipQuerySet

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
    asked = request.GET.get("page", "")
    return page_at(asked, conference, members, words, per_page, are_most=are_most)


def page_at(
    asked: str,
    conference: Conference,
    members: MembershipQuerySet,
    words: str,
    per_page: int,
    *,
    are_most: bool = True,
) -> Any:
    """The page with this number, or after this place; the first if there is none."""
    found = members.search(words)
    if not (are_most and is_large(conference)):
        return Paginator(found.order_by(Alphabetical("user__name"), "pk"), per_page).get_page(asked)
    walk = Walk(
        people=User.objects.all(),
        stretches=stretches_of(words, COLUMNS),
        rows_of=lambda ids: {row.user_id: row for row in found.filter(user__in=ids).order_by()},
        person_of=lambda pk: _person_of(members, pk),
    )
    return walk.page(asked, per_page)


def _person_of(members: MembershipQuerySet, pk: int) -> User | None:
    found = members.filter(pk=pk).first()
    return found.user if found else None
