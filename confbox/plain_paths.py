from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class PlainPaths:
    """Refuses a path that is not in its one plain form, such as `//admin/` or `/x/../admin/`.

    nginx decides by the plain form who may come to which page and passes on the path as it was sent, so both
    would not always talk about the same page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_plain(request.path_info):
            raise Http404
        return self.get_response(request)


def is_plain(path: str) -> bool:
    """Whether no step is empty, stays in place or leads back up."""
    steps = path.split("/")
    return "" not in steps[1:-1] and not {".", ".."}.intersection(steps)
