"""Each request has an ID: in its response, on error pages, and in every line that is logged because of it.

The same layer measures how long it takes, so that there is only one.
"""

import os
import re
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from confbox.kit.counters import count, observe

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[0-9a-f]{32}")
current_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIDs:
    """The first layer, so that no response is without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _id_of(request)
        request.request_id = request_id  # type: ignore[attr-defined]
        token, began = current_id.set(request_id), time.monotonic()
        count("requests_in_progress")
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
            count("requests_in_progress", amount=-1)
        match, status = request.resolver_match, str(response.status_code)
        route = match.view_name if match else "none"
        observe("request_seconds", route, status, seconds=time.monotonic() - began)
        response.headers[HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    """That of nginx, or else a new one. What a browser sends instead is no ID."""
    if settings.BEHIND_PROXY:
        given: str = request.META.get("HTTP_X_REQUEST_ID", "")
        if WELL_FORMED.fullmatch(given):
            return given
    return os.urandom(16).hex()
