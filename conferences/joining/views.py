"""Joining with a code, typed or scanned, and asking to be let in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actors import actor_of
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.limit_pages import with_limit
from confbox.kit.limits import LimitReached
from confbox.kit.panels import Panel
from conferences.actions import join_conference
from conferences.joining.actions import request_to_join as ask_organisers
from conferences.joining.forms import RequestForm, TypedCodeForm
from conferences.joining.guesses import counting_guesses
from conferences.joining.links import code_of_link
from conferences.joining.panels import closed_panel, link_panel, request_panel
from conferences.models import Conference


@asking
def join_by_code(request: PersonRequest, slug: str) -> HttpResponse:
    conference = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
    form, refusal = TypedCodeForm(posted(request)), None
    if form.is_bound and form.is_valid():
        refusal = _join(request, conference, form.cleaned_data["code"])
        if refusal is None:
            return redirect(conference)
        form.add_error("code", refusal)
    answer = render(request, "conferences/join_by_code.html", {"conference": conference, "form": form})
    return with_limit(answer, refusal) if isinstance(refusal, LimitReached) else answer


@login_not_required
@never_cache
@asking
def enter_code(request: HttpRequest) -> HttpResponse:
    """Where people type a code without knowing of which conference it is: it leads to the code's own page."""
    form, refusal = TypedCodeForm(posted(request)), None
    if form.is_bound and form.is_valid():
        try:
            with counting_guesses(request):
                return redirect("join-link", code_of_link(form.cleaned_data["code"]).code)
        except ValidationError as caught:
            refusal = caught
            form.add_error("code", refusal)
    answer = render(request, "conferences/enter_code.html", {"form": form})
    return with_limit(answer, refusal) if isinstance(refusal, LimitReached) else answer


def _join(request: HttpRequest, conference: Conference, code: str) -> ValidationError | None:
    """Joins with the code; returns why that was refused."""
    try:
        with counting_guesses(request):
            join_conference(conference=conference, by=actor_of(request), code=code)
    except ValidationError as refusal:
        return refusal
    messages.success(request, _("You joined %(conference)s.") % {"conference": conference})
    return None


@login_not_required
@never_cache
@asking
def join_link(request: HttpRequest, code: str) -> HttpResponse:
    """Where a QR code leads. Only its button changes something, as programs open links, too."""
    try:
        with counting_guesses(request):
            found = code_of_link(code)
    except ValidationError as refusal:
        return _closed(request, refusal)
    if request.method != "POST":
        return _link_page(request, link_panel(request, found))
    if not isinstance(request.user, User):
        return redirect_to_login(request.path)
    refused = _join(request, found.conference, found.code)
    return _closed(request, refused) if refused else redirect(found.conference)


def _closed(request: HttpRequest, refusal: ValidationError) -> HttpResponse:
    answer = _link_page(request, closed_panel(refusal.messages[0]))
    if isinstance(refusal, LimitReached):
        return with_limit(answer, refusal)
    answer.status_code = 404
    return answer


def _link_page(request: HttpRequest, panel: Panel) -> HttpResponse:
    return render(request, "conferences/join_link.html", {"panel": panel})


@asking
def request_to_join(request: PersonRequest, slug: str) -> HttpResponse:
    conference = get_object_or_404(Conference.objects.visible_to(request.user), slug=slug)
    form = RequestForm(posted(request))
    if form.is_bound and form.is_valid() and _ask(request, conference, form):
        return redirect("request-to-join", conference.slug)
    panel = request_panel(request.user, conference)
    context = {"conference": conference, "form": form, "panel": panel}
    return render(request, "conferences/request_to_join.html", context)


def _ask(request: PersonRequest, conference: Conference, form: RequestForm) -> bool:
    try:
        ask_organisers(conference=conference, by=actor_of(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    messages.success(request, _("Your request has been sent to the organisers. They will answer by email."))
    return True
