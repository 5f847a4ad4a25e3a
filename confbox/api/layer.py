"""The layer that keeps the API apart from the layers for pages: sessions, forms, messages, redirects."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from django.utils.cache import patch_vary_headers, set_response_etag

from accounts.middleware import PersonPreferences
from accounts.sessions import SessionStore
from confbox.api.callers import caller_of_token, has_token
from confbox.api.failures import instead_of_page, problem_for
from confbox.kit.api.deprecations import say_deprecation
from confbox.kit.api.problems import CONTENT_TYPE
from confbox.kit.api.rates import say_usage, usage_so_far
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import network_key
from confbox.plain_paths import is_plain
from conferences.merging.redirects import OldAddresses

PREFIX = "/api/"
# A program may keep an answer, and asks with its ETag whether it is still true. What a browser that is logged
# in gets is kept nowhere (`PrivatePages`).
PRIVATE, UNKEPT = "private, no-cache", "private, no-store"


class ApiHeaders:
    """How many requests are left, and whether the operation is to go.

    Outside of the layer that turns an answer into a 304, which would drop them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(PREFIX):
            say_usage(response, getattr(request, "usage", None) or _usage(request))
            say_deprecation(response, getattr(request, "deprecation", None))
        return response


class Api:
    """Answers what is under /api/ as JSON, whatever happens.

    With a token, or without a log-in, no other layer is passed: there are no cookies, no session and no
    redirects. The log-in of a browser passes them, so that its rules are those of the pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.pages = get_response
        self.operations = PersonPreferences(OldAddresses(_operate))
        # Django's answer to a fault, with its line in the log, also if the token could not be looked up.
        self.answer = convert_exception_to_response(self._answer_or_refuse)

    def __call__(self, request: Any) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.pages(request)
        request.is_api = True
        if request.method == "HEAD":
            # The web server leaves out the body.
            request.method = "GET"
        response: HttpResponse = self.answer(request)  # type: ignore[assignment]
        return _finished(request, response)

    def _answer_or_refuse(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001  # raises what it does not know
            return problem_for(request, error)

    def _answer(self, request: Any) -> HttpResponse:
        if not is_plain(request.path_info):
            raise Http404
        request.resolver_match = _operation_at(request.path_info, settings.ROOT_URLCONF)
        if not has_token(request) and settings.SESSION_COOKIE_NAME in request.COOKIES:
            return self.pages(request)
        request.COOKIES, request.user, request.caller = {}, AnonymousUser(), None
        # Never stored, and without any log-in: what asks for a recent one refuses.
        request.session = SessionStore()
        if has_token(request):
            request.caller = caller_of_token(request)
            request.user = request.caller.token.owner
        return self.operations(request)


@lru_cache(1000)
def _operation_at(path: str, routes: str) -> ResolverMatch:
    """There are some two hundred patterns, and a room that votes asks for one path."""
    return resolve(path, routes)


def _operate(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match
    assert match is not None
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def _finished(request: Any, response: HttpResponse) -> HttpResponse:
    is_problem = response.headers.get("Content-Type", "") == CONTENT_TYPE
    if response.status_code >= 400 and not is_problem:
        response = instead_of_page(request, response)
    if 300 <= response.status_code < 400:
        # There is nothing in it, and what it says would be HTML.
        del response.headers["Content-Type"]
    response.headers.setdefault("Cache-Control", UNKEPT if response.status_code >= 400 else PRIVATE)
    patch_vary_headers(response, ["Authorization", "Cookie"])
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.method == "GET" and response.status_code == 200:
            # Also for a browser, which is told to keep nothing: a program in it may remember the tag.
            set_response_etag(response)
    return response


def _usage(request: Any) -> Any:
    """Of a request that was not counted, because it was refused before."""
    caller = getattr(request, "caller", None)
    return usage_so_far(caller=caller.key) if caller else usage_so_far(network=_network(request))


def _network(request: HttpRequest) -> str:
    return network_key(client_ip_address(request))
