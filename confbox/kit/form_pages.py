"""Pages with a form, and the page of this site on which a submitted form is."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Of a view that shows a form and takes it.
asking = require_http_methods(["GET", "HEAD", "POST"])


def posted(request: HttpRequest) -> QueryDict | None:
    """What its form gets: what was sent, or None while it is only shown."""
    return request.POST if request.method == "POST" else None


def page_before(request: HttpRequest) -> str:
    """The page of this site that the form came from, according to its field `next`."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "/"


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of this site that leads to a form, according to `next` in the URL or in the form."""
    page = request.POST.get("next") or request.GET.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else otherwise


def form_is_on(page: str) -> Callable[[View], View]:
    """Names the page with this view's form, for requests without a referrer."""

    def remember(view: View) -> View:
        view.form_is_on = page  # type: ignore[attr-defined]
        return view

    return remember


def page_of_form(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> str:
    """The path of the page with this view's form; `/` if it is not known."""
    page, match = getattr(view, "form_is_on", ""), request.resolver_match
    return reverse(page, kwargs=match.kwargs) if page and match else "/"
