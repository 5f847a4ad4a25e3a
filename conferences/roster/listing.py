"""The list of a roster: found, counted and sorted whole, or, of a very large roster, walked by an index.

A large roster is not counted on each page, but when an organiser asks for it. A search in it finds names,
email addresses and references by how they, or the last word of a name, begin.
"""

from typing import Any

from django.http import HttpRequest

from confbox.kit.bounded_search import is_long
from confbox.kit.limits import Limit, heavy_work
from confbox.kit.pagination import page_of
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.walking import Walk, stretches_of
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference, RosterEntry

MOST_WHOLE = BoundedPaginator.MOST
# As `stretches_of` needs them; the first one has the order of the whole list.
COLUMNS = {"mailbox": 1, "sort_name": 9, "from_last_word": 1, "reference": 9}
COUNTS = Limit("counts of rosters", person="60/h")


def is_large(conference: Conference) -> bool:
    """Whether its roster is walked."""
    return is_long(RosterEntry.objects.filter(conference=conference), MOST_WHOLE)


def counts_of(request: HttpRequest, conference: Conference, *, large: bool) -> dict[str, int] | None:
    """How many entries are in each state; None of a large roster, unless that was asked for."""
    entries = RosterEntry.objects.filter(conference=conference)
    if not large:
        return entries.counts()
    if "count" not in request.GET:
        return None
    with heavy_work(COUNTS, request):
        return entries.counts()


def page_of_roster(
    request: HttpRequest,
    found: RosterEntryQuerySet,
    conference: Conference,
    words: str,
    per_page: int,
    *,
    large: bool,
) -> Any:
    """The page in `?page=` of these entries, which the words have found."""
    if not large:
        return page_of(request, found, per_page)
    return walk_of_roster(found, conference, words).page(request.GET.get("page", ""), per_page)


def walk_of_roster(found: RosterEntryQuerySet, conference: Conference, words: str) -> Walk:
    """Of a large one, with the entries that the words have found."""
    of_conference = RosterEntry.objects.filter(conference=conference)
    return Walk(
        people=of_conference,
        stretches=stretches_of(words, COLUMNS, unique="mailbox"),
        rows_of=lambda ids, _column: found.order_by().in_bulk(ids),
        person_of=lambda pk: of_conference.filter(pk=pk).first(),
        goes_on=True,
    )
