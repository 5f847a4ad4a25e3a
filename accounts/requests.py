from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import TypeVar

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PersonRequest(HttpRequest):
    """A request that has passed the log-in middleware: somebody is there."""

    user: User


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address by the same rule that throttling uses; None where it cannot be known."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


def client_network(request: HttpRequest) -> str:
    """The range of addresses that the client comes from, /24 or /48: enough to see that many do; or empty."""
    try:
        address = ip_address(client_address(request) or "")
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def page_before(request: HttpRequest) -> str:
    """The page of this site that the form came from, as its field `next` says."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "/"


def form_is_on(page: str) -> Callable[[View], View]:
    """Names the page with this view's form, where the referrer does not tell it."""

    def remember(view: View) -> View:
        view.form_is_on = page  # type: ignore[attr-defined]
        return view

    return remember


def page_of_form(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> str:
    """The path of the page on which the form of this view is; `/` where that is not known."""
    page, match = getattr(view, "form_is_on", ""), request.resolver_match
    return reverse(page, kwargs=match.kwargs) if page and match else "/"
