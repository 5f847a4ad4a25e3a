from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PER_PAGE = 20
LONGEST_SEARCH = 200


def page_of(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> Page[Any]:
    """The page that `?page=` asks for; nonsense gives the first page, too far the last."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def search_words(request: HttpRequest) -> str:
    """What `?q=` asks for, cut to a sane length and without characters no text column holds."""
    words = request.GET.get("q", "").replace("\0", "")
    return " ".join(words[:LONGEST_SEARCH].split())
