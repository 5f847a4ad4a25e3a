from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Isolation:
    """Keeps other sites from embedding our responses, and our pages from embedding theirs.

    Django sets the third of these headers, Cross-Origin-Opener-Policy. A view whose response is meant for
    other sites sets its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        return response
