"""The response when a limit is reached: a page that says why and until when, and keeps what was typed."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from confbox.kit.limits import Limit, LimitReached, heavy_work
from confbox.kit.panels import Panel

LARGE_BODY_BYTES = 256 * 1024
LARGE_BODIES = Limit("large forms", network="120/m")

KEPT_PANEL = "limits/kept_panel"
# Neither is shown again: the token is new on every page, and a password is never written into a page.
NOT_SAVED = ("csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code")


def with_limit(response: HttpResponse, reached: LimitReached) -> HttpResponse:
    """Renders the page with the status and the header that say why and until when."""
    response.status_code = reached.status
    response["Retry-After"] = str(reached.retry_after_seconds)
    response["Cache-Control"] = "no-store"
    return response


def limit_page(request: HttpRequest, reached: LimitReached) -> HttpResponse:
    context = {"sentence": reached.sentence, "kept": kept_panel(request)}
    return with_limit(render(request, "limits/reached.html", context), reached)


def kept_panel(request: HttpRequest) -> Panel | None:
    """What was typed, to send it again; files have to be chosen again."""
    if request.method != "POST":
        return None
    typed = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    kept = [(name, value) for name, value in typed if name not in NOT_SAVED]
    return Panel(KEPT_PANEL, "form_with_files" if request.FILES else "form", {"typed": kept})


def unread_page(reached: LimitReached) -> HttpResponse:
    """Answers a request that may be one of very many, without reading any of it."""
    return with_limit(_unread(_("One moment, please"), reached.sentence), reached)


def _unread(heading: str, sentence: str, status: int = 200) -> HttpResponse:
    shown = {"heading": heading, "sentence": sentence}
    return HttpResponse(render_to_string("limits/unread.html", shown), status=status)


class LimitAnswers:
    """Answers a limit that no view has answered itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return limit_page(request, exception) if isinstance(exception, LimitReached) else None


class LargeBodies:
    """Parses one large form at a time, because parsing one can take 0.2 s even if it is refused.

    It comes before everything that reads a form, so a refused body is never parsed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGE_BODY_BYTES:
            try:
                with heavy_work(LARGE_BODIES, request):
                    request.POST  # noqa: B018
            except LimitReached as reached:
                return unread_page(reached)
            except RequestDataTooBig:
                sentence = _("What you typed is too long: a form can be at most 1 MB.")
                return _unread(_("This is too long"), sentence, status=413)
        return self.get_response(request)
