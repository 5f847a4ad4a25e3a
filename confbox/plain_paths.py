from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class PlainPaths:
    """Refuses a path that is not normalised, such as `//admin/` or `/x/../admin/`.

    nginx decides by the normalised path who may open which page, but passes on the path as it was sent, so
    the two could disagree about the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_plain(request.path_info):
            raise Http404
        return self.get_response(request)


def is_plain(path: str) -> bool:
    """Whether no segment is empty, `.` or `..`."""
    steps = path.split("/")
    return "" not in steps[1:-1] and not {".", ".."}.intersection(steps)
