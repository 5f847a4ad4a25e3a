"""Keeps URLs that show whose pitch a person reads, or whom they search for, out of `Referer`."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.http.response import HttpResponseBase

Given = ParamSpec("Given")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def sends_no_path(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Makes requests from this page, such as a vote, send only the site's origin as their referrer.

    Without any referrer, browsers would send `Origin: null`, which the CSRF check refuses.
    """

    @wraps(view)
    def answer(*args: Given.args, **options: Given.kwargs) -> Answer:
        response = view(*args, **options)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return answer
