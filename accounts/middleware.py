from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
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

from accounts.hashers import hashing_turn
from accounts.languages import is_spoken
from accounts.models import User
from accounts.reauthentication import suspend
from accounts.requests import page_of_form
from accounts.session_lifetime import page_to_ask
from accounts.unsent import keep_unsent

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class LogInFirst(LoginRequiredMiddleware):
    """Leads back to the page with the form, where a form was sent: its own address shows nothing."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        before = request.headers.get("referer", "")
        is_ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, request.is_secure())
        back = urlsplit(before)._replace(scheme="", netloc="").geturl() if is_ours else "/"
        if is_ours and back in ("", "/"):
            back = page_of_form(request, view_func)
        if keep_unsent(request):
            back = reverse("unsent")
        return redirect_to_login(back, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


class ForgetUnsentForms:
    """Has a form wait for a password, and drops it once its sender reads on: a later one does not send it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired):
            return None
        if request.method != "POST":
            request.session.pop(STATE_SESSION_KEY, None)
            return None
        methods = get_adapter().get_reauthentication_methods(request.user)
        return suspend(request, methods[0]["url"]) if methods else None


class StaffSecondFactor:
    """Keeps staff out of the admin until this very session has shown a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self._is_asked(request) and self._stop(request)) or self.get_response(request)

    def _is_asked(self, request: HttpRequest) -> bool:
        in_admin = request.path.startswith(reverse("admin:index"))
        person = request.user
        return settings.STAFF_MFA_REQUIRED and in_admin and person.is_authenticated and person.is_staff

    def _stop(self, request: HttpRequest) -> HttpResponse | None:
        """Where to send whoever has not shown one; None lets them pass."""
        has_factor = is_mfa_enabled(request.user, SECOND_FACTORS)
        records = get_authentication_records(request, request.user)
        if has_factor and any(record.get("method") == "mfa" for record in records):
            return None
        back = urlencode({"next": reverse("unsent") if keep_unsent(request) else request.get_full_path()})
        if not has_factor:
            messages.info(request, _("Organisers need two-factor authentication. Set it up to go on."))
            return redirect(f"{reverse('mfa_index')}?{back}")
        return redirect(f"{page_to_ask(request.user)}?{back}")  # type: ignore[arg-type]


class PersonPreferences:
    """Speaks the person's language and, outside the admin, tells the times of their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, User):
            return self.get_response(request)
        if is_spoken(person.language):
            translation.activate(person.language)
        in_admin = request.path.startswith(reverse("admin:index"))
        with timezone.override(None if in_admin else ZoneInfo(person.time_zone)):
            return self.get_response(request)


class BusyHashing:
    """Answers 503 while too many passwords are being hashed.

    A log-in waits for its turn before any other work is done for it and keeps it to the end, so that a
    storm of them takes one thread's time and is refused for next to nothing. Other forms wait when they hash.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path != reverse("account_login"):
            return self.get_response(request)
        with ExitStack() as stack:
            try:
                stack.enter_context(hashing_turn())
            except ValidationError as refusal:
                return self._busy(request, refusal)
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ValidationError) and getattr(exception, "code", "") == "busy":
            return self._busy(request, exception)
        return None

    def _busy(self, request: HttpRequest, refusal: ValidationError) -> HttpResponse:
        context = {"sentence": refusal.message, "csrf_token": get_token(request)}
        context |= {name: request.POST.get(name, "") for name in ("login", "remember", "next")}
        response = HttpResponse(render_to_string("accounts/busy.html", context), status=503)
        response["Retry-After"], response["Cache-Control"] = "3", "no-store"
        return response
