import re
from collections.abc import Collection
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from confbox.kit.limits import Limit, count_use
from confbox.kit.search import words_of
from confbox.kit.walking import PLACE

PER_PAGE = 20
LONGEST_SEARCH = 200
PAGE_NUMBER = re.compile(f"[0-9]{{1,9}}|{PLACE.pattern}")
SEARCHES = Limit("searches", person="90/m", network="600/m")


def page_of(request: HttpRequest, rows: Any, per_page: int = PER_PAGE, *, name: str = "page") -> Page[Any]:
    """The page in `?page=`; invalid input gives the first page, a number that is too high the last.

    `name` is that of the parameter, for the second list of a page.
    """
    return Paginator(rows, per_page).get_page(request.GET.get(name))


def search_words(request: HttpRequest) -> str:
    """The search in `?q=`, cut to a reasonable length and without characters that cannot be stored.

    Raises:
        LimitReached: this person or network has searched too often.
    """
    if found := _words(request.GET):
        count_use(SEARCHES, request)
    return found


def place_of(form: QueryDict, **choices: Collection[str]) -> str:
    """The query string of the page and search that someone came from; empty for the first page of all.

    `choices` are the values that further fields may have.
    """
    number, words = form.get("page", ""), _words(form)
    place = {"q": words} if words else {}
    chosen = {name: form.get(name, "") for name in choices}
    place |= {name: value for name, value in chosen.items() if value in choices[name]}
    if PAGE_NUMBER.fullmatch(number):
        place["page"] = number
    return f"?{urlencode(place)}" if place else ""


def _words(typed: QueryDict) -> str:
    words = typed.get("q", "").replace("\0", "")
    return " ".join(words_of(words[:LONGEST_SEARCH]))
