"""Pages whose URL shows whose pitch somebody reads, or for whom they search, keep it out of `Referer`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase


def sends_no_path(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What is asked for from this page, such as a vote, bears only the site's own origin as its referrer.

    With no referrer at all browsers would send `Origin: null`, which the check against forged forms refuses.
    """

    @wraps(view)
    def answer(*args: Any, **options: Any) -> HttpResponseBase:
        response = view(*args, **options)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return answer
