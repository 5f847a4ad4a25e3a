"""Downloads for which a person has to authenticate first.

A browser that is redirected to a file keeps showing the page before it, here the one that asked for the
password. So the person lands on a page that starts the download.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import urlencode

# The URL of the page that has the link to a download, by the download's own URL.
PageOf = Callable[[ResolverMatch, QueryDict], str]


def download_from(page: PageOf) -> Callable[[Any], Any]:
    """Marks a view that answers with a file."""

    def mark(view: Any) -> Any:
        view.page_of_download = page
        return view

    return mark


def page_with_link(file: str) -> str:
    """The page that has the link to this download; empty if it is not a download of this site."""
    # A URL with a host does not begin with the path of a page.
    path, _mark, query = file.partition("?")
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    page: PageOf | None = getattr(found.func, "page_of_download", None)
    return page(found, QueryDict(query)) if page else ""


def page_after_log_in(request: HttpRequest) -> str:
    """Where a person continues whose request has to wait until they have authenticated."""
    there = request.get_full_path()
    return f"{reverse('download')}?{urlencode({'file': there})}" if page_with_link(there) else there
