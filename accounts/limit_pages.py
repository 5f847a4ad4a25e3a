"""The answer when a limit is reached: a page that says why, until when, and keeps what was typed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.limits import LimitReached

# Neither is given back: the token is new on every page, and a password is never written into one.
NOT_KEPT = ("csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code")


def with_limit(response: HttpResponse, reached: LimitReached) -> HttpResponse:
    """The page, with the status and the header that say why and until when."""
    response.status_code = reached.status
    response["Retry-After"] = str(reached.retry_after_seconds)
    response["Cache-Control"] = "no-store"
    return response


def limit_page(request: HttpRequest, reached: LimitReached) -> HttpResponse:
    typed = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    context: dict[str, Any] = {
        "sentence": reached.sentence,
        "typed": [(name, value) for name, value in typed if name not in NOT_KEPT],
        "is_form": request.method == "POST",
        "has_files": bool(request.FILES),
    }
    return with_limit(render(request, "limits/reached.html", context), reached)


class LimitAnswers:
    """Answers a limit that no view has answered itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return limit_page(request, exception) if isinstance(exception, LimitReached) else None
