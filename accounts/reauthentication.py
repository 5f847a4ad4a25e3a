"""Sensitive acts ask once more who is there, unless the person has shown it a moment ago."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.signals import authentication_step_completed
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.httpkit import serialize_request
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session has logged in or re-authenticated within the last five minutes."""
    records = get_authentication_records(request, request.user if request.user.is_authenticated else None)
    newest = max((record.get("at", 0) for record in records), default=0)
    return bool(time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def require_fresh_log_in(request: HttpRequest) -> None:
    """Call it first in a sensitive view; the middleware asks for the password or second factor, then resumes.

    A posted form is kept and handled once the person is back.
    """
    if not is_fresh(request):
        raise ReauthenticationRequired


def suspend(request: HttpRequest, page: str) -> HttpResponse:
    """Leads to the page that asks who is there; a posted form waits and is handled once the person is back.

    Otherwise than allauth's own, also a form whose URL has a query.
    """
    back = request.get_full_path()
    if request.method == "POST":
        request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
        back = request.path
    return redirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def renew_session_key(*, request: HttpRequest, **facts: Any) -> None:
    """Gives the session another key once somebody has shown again who they are.

    A key that leaked before opens nothing from then on, neither what was asked for nor the session itself.
    """
    if not facts.get("reauthenticated"):
        return
    # Not at the top: the app's configuration imports this module before there are models.
    from allauth.usersessions.models import UserSession  # noqa: PLC0415  # see above

    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def listen() -> None:
    """allauth announces each step of a log-in by a signal of its own."""
    authentication_step_completed.connect(renew_session_key)


def fresh_log_in_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same for a view that is a function."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_fresh_log_in(request)
        return view(request, *args, **kwargs)

    return asking
