from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class StaffSecondFactor:
    """Keeps staff out of the admin until this very session has shown a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self._is_asked(request) and self._stop(request)) or self.get_response(request)

    def _is_asked(self, request: HttpRequest) -> bool:
        in_admin = request.path_info.startswith(reverse("admin:index"))
        person = request.user
        return settings.STAFF_MFA_REQUIRED and in_admin and person.is_authenticated and person.is_staff

    def _stop(self, request: HttpRequest) -> HttpResponse | None:
        """Where to send whoever has not shown one; None lets them pass."""
        back = urlencode({"next": request.get_full_path()})
        if not is_mfa_enabled(request.user, SECOND_FACTORS):
            messages.info(request, _("Organisers need two-factor authentication. Set it up to go on."))
            return redirect(f"{reverse('mfa_index')}?{back}")
        records = get_authentication_records(request, request.user)
        if any(record.get("method") == "mfa" for record in records):
            return None
        has_totp = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        page = "mfa_reauthenticate" if has_totp else "mfa_reauthenticate_webauthn"
        return redirect(f"{reverse(page)}?{back}")


class PersonPreferences:
    """Speaks the person's language and, outside the admin, tells the times of their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, User):
            return self.get_response(request)
        if person.language in dict(settings.LANGUAGES):
            translation.activate(person.language)
        in_admin = request.path_info.startswith(reverse("admin:index"))
        with timezone.override(None if in_admin else ZoneInfo(person.time_zone)):
            return self.get_response(request)


class BusyHashing:
    """Answers 503 where a form could not say itself that too many passwords are being hashed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ValidationError) and getattr(exception, "code", "") == "busy":
            context = {"sentence": exception.message}
            response = render(request, "accounts/busy.html", context, status=503)
            response.headers["Retry-After"] = "3"
            return response
        return None
