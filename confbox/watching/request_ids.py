"""Each request has an ID: in its response, on error pages, and in every line that is logged because of it."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
        token = current_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
        response.headers[HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    """That of nginx, or else a new one. What a browser sends instead is no ID."""
    if settings.BEHIND_PROXY:
        given: str = request.META.get("HTTP_X_REQUEST_ID", "")
        if WELL_FORMED.fullmatch(given):
            return given
    return secrets.token_hex(16)
