"""What htmx gets of a page: the parts that it puts in place of the old ones, without the page around them."""

from copy import copy
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

Request = TypeVar("Request", bound=HttpRequest)


def is_swapped(request: HttpRequest) -> bool:
    """Whether htmx takes parts from the response, and leaves the rest of the browser's page as it is."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The template has to extend `base`."""
    base = "swapped.html" if is_swapped(request) else "base.html"
    return render(request, template, {"base": base} | context)


def visit_of(request: Request, url: str) -> Request:
    """The next request of the browser, were this one redirected to the path and query `url`."""
    visit, parts = copy(request), urlsplit(url)
    visit.method, visit.GET, visit.POST = "GET", QueryDict(parts.query), QueryDict()
    visit.path = visit.path_info = parts.path
    return visit
