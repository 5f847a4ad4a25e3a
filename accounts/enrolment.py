"""The check before the first second factor is set up.

Otherwise anyone who knows the password could set one up and lock the owner out. So the owner first shows that
the email address is theirs, with a code sent by email or, where no email can be sent yet, shown on the server
by `manage.py enrolment_code`.
"""

import time
from collections.abc import Callable, MutableMapping
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from accounts.codes import LIFETIME, EmailedCode
from accounts.models import User
from accounts.permissions import runs_something

PURPOSE = "enrolment"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
CONFIRMED = "enrolment_confirmed"
# Long enough to find the phone.
CONFIRMED_SECONDS = 1800
# Where a person goes on who needs a second factor for it.
GOAL = "enrolment_goal"


def has_passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session has passed one, also if the person has none any more."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def codes_in_the_making(request: HttpRequest) -> list[EmailedCode]:
    """The codes that this person may enter, the newest first: one sent by email and one from the server.

    Each is valid for its own lifetime, because the person who made one may not know of the other.
    """
    states: list[MutableMapping[str, Any]] = [
        request.session,
        caches["kept"].get(_key(request.user.pk)) or {},
    ]
    codes = [EmailedCode(state, PURPOSE) for state in states]
    return sorted((code for code in codes if code.state), key=lambda code: code.ends_at, reverse=True)


def issue_on_the_server(user: User) -> str:
    state: dict[str, Any] = {}
    code = EmailedCode(state, PURPOSE).issue(email=user.email)
    caches["kept"].set(_key(user.pk), state, LIFETIME)
    return code


def mark_confirmed(request: HttpRequest) -> None:
    request.session[CONFIRMED] = time.time()
    caches["kept"].delete(_key(request.user.pk))
    EmailedCode(request.session, PURPOSE).drop()


def _key(person: int | None) -> str:
    return f"enrolment-code:{person}"


def owner_first(view: Callable[..., HttpResponseBase], *, only: str = "") -> Callable[..., HttpResponseBase]:
    """Wraps a view: a person without a second factor must first show that the email address is theirs.

    With `only="staff"` this applies to organisers only, and only to requests that change something.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User) or not _is_asked(request, request.user, only):
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method != "POST" else request.path
        return redirect(f"{reverse('confirm-enrolment')}?{urlencode({'next': back})}")

    return asking


def _is_asked(request: HttpRequest, person: User, only: str) -> bool:
    if only == "staff" and not (runs_something(person) and request.method == "POST"):
        return False
    is_confirmed = time.time() - request.session.get(CONFIRMED, 0) < CONFIRMED_SECONDS
    return not is_confirmed and not is_mfa_enabled(person, SECOND_FACTORS)


def leading_on(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keeps where a person was sent from to set up a second factor; leads there once they have one.

    By a link, as they have to save their recovery codes first. It is kept as long as the confirmation.
    """

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        goal = request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(goal, allowed_hosts=None):
            request.session[GOAL] = [goal, time.time()]
        answer = view(request, *args, **kwargs)
        goal, since = request.session.get(GOAL, ["", 0])
        if time.time() - since < CONFIRMED_SECONDS and isinstance(answer, TemplateResponse):
            is_done = is_mfa_enabled(request.user, SECOND_FACTORS)
            answer.context_data = {**(answer.context_data or {}), "goal": goal if is_done else ""}
        return answer

    return keeping


def lock_person(person: User) -> None:
    """Call it in a transaction."""
    User.objects.select_for_update().filter(pk=person.pk).first()


def one_at_a_time(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Serialises pages that read and write one person's second factors, so that each sees what is stored.

    The database cannot enforce this: MariaDB has no conditional unique constraint, so a person could have
    two apps, and the page that removes an app expects one. Looking at recovery codes records that they were
    seen.
    """

    @wraps(view)
    def waiting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            lock_person(request.user)
            return view(request, *args, **kwargs)

    return waiting


def one_app(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuses a second authenticator app, where allauth would redirect to the page that removes the first."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_sent = request.method == "POST" and isinstance(request.user, User)
        if is_sent and is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            messages.info(request, _("You already have an authenticator app."))
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return telling
