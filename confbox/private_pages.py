from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class PrivatePages:
    """Has no copy kept of a page made for one person: after a vote, Back would show it as it was.

    A view that says itself how long its answer may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_personal = request.user.is_authenticated
        response = self.get_response(request)
        if is_personal and response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
