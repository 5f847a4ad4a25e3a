"""How long a session lasts without requests and in total, and when organisers authenticate again.

The session stores two times: when it began and when its person was last active. The second is updated only
once it is old enough to matter, so that ordinary requests write nothing.
"""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.known_paths import is_in_admin
from accounts.models import User
from accounts.permissions import runs_something
from accounts.reauthentication import suspend

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
LONGEST, IDLE = 30 * DAY, 14 * DAY
# Shorter in the admin, where an unattended screen could decide elections.
LONGEST_OF_STAFF, IDLE_OF_STAFF = 12 * HOUR, HOUR
# How old the time in the session may be before a request updates it.
NOTED, NOTED_OF_STAFF = DAY, 5 * MINUTE
BEGAN, SEEN = "session_began", "session_seen"
# Parts of pages that reload themselves every few seconds, whether or not anyone looks at them.
POLLS = {"live", "progress"}


class SessionLifetime:
    """Ends sessions that are too old, and makes staff authenticate again in the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _is_over(request, LONGEST, IDLE):
            logout(request)
        is_asked = isinstance(request.user, User) and _is_asked_again(request)
        response = self.get_response(request)
        if request.user.is_authenticated and not is_asked and not _is_poll(request):
            _note(request)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Runs after the CSRF check: a form saved here is processed once its sender has authenticated."""
        if not isinstance(request.user, User) or not _is_asked_again(request):
            return None
        return HttpResponse(status=204) if _is_poll(request) else suspend(request, page_to_ask(request.user))


def page_to_ask(person: User) -> str:
    """The page where this person authenticates, with a second factor if they have one."""
    if is_mfa_enabled(person, [Authenticator.Type.TOTP]):
        return reverse("mfa_reauthenticate")
    if is_mfa_enabled(person, [Authenticator.Type.WEBAUTHN]):
        return reverse("mfa_reauthenticate_webauthn")
    methods = get_adapter().get_reauthentication_methods(person)
    return str(methods[0]["url"]) if methods else reverse("account_login")


def is_too_old_for_staff(request: HttpRequest) -> bool:
    """Whether its person would be asked to authenticate again in the admin."""
    return _is_over(request, LONGEST_OF_STAFF, IDLE_OF_STAFF)


def _is_asked_again(request: HttpRequest) -> bool:
    return is_in_admin(request) and runs_something(request.user) and is_too_old_for_staff(request)


def _is_over(request: HttpRequest, longest: int, idle: int) -> bool:
    """Whether this much time has passed since the person last authenticated or was last active."""
    records = get_authentication_records(request, request.user)
    now = time.time()
    began = request.session.get(BEGAN, now)
    shown = max([began, *(record.get("at", 0) for record in records)]) if longest < LONGEST else began
    seen = max(request.session.get(SEEN, now), shown)
    return bool(now - shown > longest or now - seen > idle)


def _is_poll(request: HttpRequest) -> bool:
    return request.headers.get("HX-Trigger") in POLLS


def _note(request: HttpRequest) -> None:
    now, noted = int(time.time()), NOTED_OF_STAFF if runs_something(request.user) else NOTED
    if now - request.session.get(SEEN, 0) > noted:
        request.session.setdefault(BEGAN, now)
        request.session[SEEN] = now


def begin_session(*, request: HttpRequest, **_more: Any) -> None:
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def listen() -> None:
    """Django announces each log-in with a signal."""
    user_logged_in.connect(begin_session)
