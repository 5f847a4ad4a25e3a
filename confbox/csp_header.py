from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What a view or a template can have changed for its response.
CHANGES = ("_csp_exempt", "_csp_config", "_csp_update", "_csp_replace")


class ComposedPolicy(CSPMiddleware):
    """Composes the site's Content-Security-Policy once; a response that changes it has its own composed."""

    def __init__(self, *options: Any, **more: Any) -> None:
        super().__init__(*options, **more)
        self.composed = build_policy() if not settings.DEBUG else ""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        has_changes = any(hasattr(response, name) for name in CHANGES) or hasattr(request, "_csp_nonce")
        if has_changes or not self.composed:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.composed)
        return response
