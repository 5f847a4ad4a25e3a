"""Sensitive acts require recent authentication."""

import json
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.signals import authentication_step_completed
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.http import urlencode

from accounts.downloads import page_after_log_in
from confbox.kit.encryption import decrypt_compressed, encrypt_compressed
from confbox.kit.temporary_storage import delete_saved, save_temporarily, saved_temporarily

ASKED_AGAIN = "asked_again"
KIND, LIFETIME_SECONDS = "suspended-form", 3600


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session has logged in or re-authenticated within the last five minutes."""
    records = get_authentication_records(request, request.user if request.user.is_authenticated else None)
    newest = max((record.get("at", 0) for record in records), default=0)
    return bool(time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def require_fresh_log_in(request: HttpRequest, why: str = "") -> None:
    """Call it first in a sensitive view; the middleware asks for the password or second factor, then resumes.

    A posted form is saved and processed once the person has authenticated. `why` is a sentence for the page
    that asks: what they are about to do.
    """
    if not is_fresh(request):
        request.session[ASKED_AGAIN] = {"why": why, "keeps_form": request.method == "POST"}
        raise ReauthenticationRequired


def suspend(request: HttpRequest, page: str) -> HttpResponse:
    """Redirects to the page that asks for authentication; a posted form is saved and processed afterwards.

    Unlike allauth's own, this also saves a form whose URL has a query. Its path and fields are saved,
    encrypted, for an hour.
    """
    back = page_after_log_in(request)
    if request.method == "POST":
        _keep_form(request)
        back = request.path
    return redirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def _keep_form(request: HttpRequest) -> None:
    """Replaces an earlier form. allauth reads from the session what to call after authentication."""
    forget_suspended(request)
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    form = {"person": request.user.pk, "path": request.path, "query": request.META.get("QUERY_STRING", "")}
    written = json.dumps(form | {"fields": fields.urlencode()}).encode()
    key = secrets.token_urlsafe(16)
    encrypted = encrypt_compressed(written)
    save_temporarily(KIND, key, version=key, content=encrypted, seconds=LIFETIME_SECONDS)
    request.session[STATE_SESSION_KEY] = {"callback": f"{__name__}.{resume.__name__}", "state": {"key": key}}


def _take_form(key: str) -> dict[str, Any] | None:
    found = saved_temporarily(KIND, key, version=key)
    delete_saved(KIND, key)
    opened = decrypt_compressed(found[0]) if found else None
    form: dict[str, Any] | None = json.loads(opened) if opened else None
    return form


def forget_suspended(request: HttpRequest) -> None:
    state = request.session.pop(STATE_SESSION_KEY, None) or {}
    if key := state.get("state", {}).get("key"):
        delete_saved(KIND, key)


def resume(request: HttpRequest, state: dict[str, str]) -> HttpResponse:
    """Processes the saved form once; allauth calls it after the person has authenticated."""
    form = _take_form(state["key"])
    if form is None or form["person"] != request.user.pk:
        return redirect(get_next_redirect_url(request, REDIRECT_FIELD_NAME) or "/")
    # The form as it was sent; everything else about the request comes from the current session.
    request.method, request.path, request.path_info = "POST", form["path"], form["path"]
    request.GET, request.POST = QueryDict(form["query"]), QueryDict(form["fields"])
    request.META |= {"REQUEST_METHOD": "POST", "PATH_INFO": form["path"], "QUERY_STRING": form["query"]}
    request.resolver_match = found = resolve(form["path"])
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer


def renew_session_key(*, request: HttpRequest, **facts: Any) -> None:
    """Gives the session a new key after authentication.

    A key that leaked before is useless from then on, for the saved form and for the session itself.
    """
    if not facts.get("reauthenticated"):
        return
    # Not at module level: the app's configuration imports this module before models are loaded.
    from allauth.usersessions.models import UserSession  # noqa: PLC0415  # see above

    request.session.pop(ASKED_AGAIN, None)
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def listen() -> None:
    """allauth announces each step of a log-in with a signal."""
    authentication_step_completed.connect(renew_session_key)


def fresh_log_in_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same as a decorator for a view function."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_fresh_log_in(request)
        return view(request, *args, **kwargs)

    return asking
