from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PRIVATE = "private, no-store"


class PrivatePages:
    """Has no copy kept of an answer made for one person, be it a page or a file.

    After a vote, Back would show the page as it was, and the next person at a shared computer could read it.
    A view that says itself how long its answer may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_personal = _is_personal(request)
        response = self.get_response(request)
        if was_personal or _is_personal(request):
            response.headers.setdefault("Cache-Control", PRIVATE)
        return response


def _is_personal(request: HttpRequest) -> bool:
    """Somebody is logged in, or has begun something, such as a sign-up."""
    return request.user.is_authenticated or not request.session.is_empty()
