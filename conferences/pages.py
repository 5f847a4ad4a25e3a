from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from accounts.limits import Limit, spend

PER_PAGE = 20
LONGEST_SEARCH = 200
# Each is looked for in every name; with a hundred the database works for a second.
MOST_WORDS = 8
SEARCHES = Limit("searches", person="90/m", network="600/m")


def page_of(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> Page[Any]:
    """The page that `?page=` asks for; nonsense gives the first page, too far the last."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def search_words(request: HttpRequest) -> str:
    """What `?q=` asks for, cut to a sane length and without characters no text column holds.

    Raises:
        LimitReached: this person or network has searched very often.
    """
    words = request.GET.get("q", "").replace("\0", "")
    found = " ".join(words[:LONGEST_SEARCH].split()[:MOST_WORDS])
    if found:
        spend(SEARCHES, request)
    return found
