from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PRIVATE = "private, no-store"


class PrivatePages:
    """Keeps responses made for one person, pages and files, out of every cache.

    Otherwise Back would show the ballot as it was before the vote, and the next person at a shared computer
    could read it. A view that sets its own caching headers is left alone.
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
    """A person is logged in or has begun something, such as a sign-up."""
    return request.user.is_authenticated or not request.session.is_empty()
