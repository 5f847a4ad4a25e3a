from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from accounts.devices import known_device, remember_device
from accounts.downloads import page_after_log_in
from accounts.enrolment import SECOND_FACTORS, has_passed_second_factor
from accounts.form_recovery import drop_saved_form, is_saved_form, save_form
from accounts.hashers import is_hashing_queue_full, refusal, take_hashing_turn
from accounts.known_paths import is_in_admin, log_in_path
from accounts.models import User
from accounts.password_attempts import is_suspect, may_attempt, network_of, take_slow_turn
from accounts.permissions import runs_something
from accounts.queued_forms import can_wait, encrypt_form, has_password, resume_form
from accounts.reauthentication import forget_suspended, suspend
from accounts.session_lifetime import page_to_ask
from confbox.kit.email_addresses import normalise_email
from confbox.kit.form_pages import page_of_form
from confbox.kit.languages import is_spoken

# How soon a log-in that had to wait is sent again.
RETRY_SECONDS = 3
LEADS_ON = {302, 303}


class LogInFirst(LoginRequiredMiddleware):
    """Redirects to the page with the form if a form was sent: the form's own URL shows nothing."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        there = self.get_login_url(view_func), self.get_redirect_field_name(view_func)
        if request.method in ("GET", "HEAD"):
            return redirect_to_login(page_after_log_in(request), *there)
        before = request.headers.get("referer", "")
        is_ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, request.is_secure())
        back = urlsplit(before)._replace(scheme="", netloc="").geturl() if is_ours else "/"
        if is_ours and back in ("", "/"):
            back = page_of_form(request, view_func)
        if save_form(request):
            back = reverse("recover-form")
        return redirect_to_login(back, *there)


class DropHandledForms:
    """Holds a form back until the password is entered, and drops it once its sender visits another page.

    Also drops a recovered text after its form was processed, which is when a view redirects.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leads_on = getattr(request, "reached_its_view", False) and response.status_code in LEADS_ON
        if leads_on and is_saved_form(request):
            drop_saved_form(request)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        request.reached_its_view = True  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired):
            return None
        request.reached_its_view = False  # type: ignore[attr-defined]
        if request.method != "POST":
            forget_suspended(request)
        methods = get_adapter().get_reauthentication_methods(request.user)
        return suspend(request, methods[0]["url"]) if methods else None


class StaffSecondFactor:
    """Keeps staff out of the admin until this session has passed a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self._is_asked(request) and self._stop(request)) or self.get_response(request)

    def _is_asked(self, request: HttpRequest) -> bool:
        return settings.STAFF_MFA_REQUIRED and is_in_admin(request) and runs_something(request.user)

    def _stop(self, request: HttpRequest) -> HttpResponse | None:
        """Where to send a person who has not passed one; None lets them continue."""
        has_factor = is_mfa_enabled(request.user, SECOND_FACTORS)
        if has_factor and has_passed_second_factor(request):
            return None
        there = reverse("recover-form") if save_form(request) else page_after_log_in(request)
        back = urlencode({"next": there})
        if not has_factor:
            messages.info(request, _("Organisers need two-factor authentication. Set it up to continue."))
            return redirect(f"{reverse('mfa_index')}?{back}")
        return redirect(f"{page_to_ask(request.user)}?{back}")  # type: ignore[arg-type]


class PersonPreferences:
    """Activates the person's language and, outside the admin, their time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, User):
            return self.get_response(request)
        if is_spoken(person.language):
            translation.activate(person.language)
        with timezone.override(None if is_in_admin(request) else ZoneInfo(person.time_zone)):
            return self.get_response(request)


class BusyHashing:
    """Answers 503 while too many passwords are being hashed.

    A log-in waits for its turn before any other work is done for it, so that a burst of log-ins takes one
    thread's time and is cheap to refuse. One that will be refused anyway, because its cookie is missing or
    after too many wrong passwords, does not take a turn. A person who has to wait gets a page that
    continues automatically, also after a sign-up. Other forms wait when they hash.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as stack:
            request.hashing = stack  # type: ignore[attr-defined]
            response = self.get_response(request)
        if user := getattr(request, "new_password_of", None):
            remember_device(request, response, user)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Runs after the CSRF check, which has already refused requests without a token."""
        if can_wait(request):
            resume_form(request)
        if request.method != "POST" or request.path != log_in_path():
            return None
        if is_hashing_queue_full():
            return self._busy(request, refusal())
        email = normalise_email(request.POST.get("login", ""))
        if not email or not request.POST.get("password") or not may_attempt(request, email):
            return None
        if _is_slow(request, email):
            return self._busy(request, _too_many_wrong(), status=429)
        try:
            take_hashing_turn(request)
        except ValidationError as busy:
            return self._busy(request, str(busy.message))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ValidationError) and getattr(exception, "code", "") == "busy":
            return self._busy(request, str(exception.message))
        return None

    def _busy(self, request: HttpRequest, sentence: str, *, status: int = 503) -> HttpResponse:
        context = {"sentence": sentence, "csrf_token": get_token(request)}
        if can_wait(request) and has_password(request):
            context |= {"waited": encrypt_form(request), "login": request.POST.get("login", "")}
            context |= {"path": request.get_full_path()}
        context |= {"seconds": str(RETRY_SECONDS)}
        response = HttpResponse(render_to_string("accounts/busy.html", context), status=status)
        response["Retry-After"], response["Cache-Control"] = str(RETRY_SECONDS), "no-store"
        return response


def _is_slow(request: HttpRequest, email: str) -> bool:
    """Whether to refuse it because its network sends wrong passwords and has just had its turn."""
    network = network_of(request)
    return is_suspect(network) and not known_device(request, email) and not take_slow_turn(network)


def _too_many_wrong() -> str:
    return _("There were too many wrong passwords from your network. Please try again in a few seconds.")
