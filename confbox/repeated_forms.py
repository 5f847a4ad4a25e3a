"""Processes a form that is sent twice only once, and gives both requests the same response.

A double click, a retry and Back send the same fields with the same CSRF token, and every rendering of a
page has a token of its own. So the token, the path and the fields together identify one click on one
button. The redirect that answered a browser's last form is stored, encrypted, for some minutes. The same
form again waits until the first is answered, and then gets the stored redirect with its cookies: a log-in
changes the session and the CSRF token, and a browser that sent the form twice has only the old ones.

Only the browser that sent the form gets the response: its session and CSRF cookies are part of the key.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from threading import BoundedSemaphore
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.csrf import (  # type: ignore[attr-defined]
    CSRF_TOKEN_LENGTH,
    InvalidTokenFormat,
    _check_token_format,
    _does_token_match,
)
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from confbox.kit.encryption import decrypt, encrypt

LIFETIME = 300
# Casting the same vote twice changes nothing and gives the same response, so it is not stored.
ALIKE_BY_NATURE = {"cast-vote"}
# A vote undoes a withdrawal and is not stored. So a withdrawal is always done again, and answered as before
# if that changed nothing.
DONE_AGAIN = {"withdraw-vote"}
# Where a refusal uses up a try: the second click of a double click must not use up another.
COUNTS_TRIES = {
    "confirm-signup",
    "confirm-enrolment",
    "account_confirm_password_reset_code",
    "confirm-log-in-code",
    "confirm-provider",
    "reauthenticate-by-code",
    "account_email_verification_sent",
}
# What they show is not kept for longer than a double click takes.
SHOWN_ONCE = {"make-token"}
DOUBLE_CLICK = 3
# Longer than any request takes; after that, the claim of a request that died expires.
CLAIM = 30
MAX_WAIT_SECONDS = 10.0
PAUSE = 0.05
# How many threads of a process may wait for the response to a form; further requests are asked to try again.
waiting = BoundedSemaphore(2)
HEADERS = {"Location", "Content-Type", "Cache-Control"}


class Sent:
    """One form of one browser, sent once or several times."""

    def __init__(self, request: HttpRequest, token: str, route: str) -> None:
        self.token, self.route = token, route
        self.cookies = {name: request.COOKIES.get(name, "") for name in _binding()}
        files = [(name, _digest_of(file)) for name, sent in request.FILES.lists() for file in sent]
        fields = [request.get_full_path(), token, request.POST.urlencode(), *map(str, files)]
        self.digest = salted_hmac("confbox.repeated_forms", "\0".join(fields), algorithm="sha256").hexdigest()
        self.browser = browser_key(self.cookies)
        self.claim = f"form-sent:{self.browser}:{self.digest}"

    def has_valid_token(self) -> bool:
        try:
            secret = self.cookies[settings.CSRF_COOKIE_NAME]
            _check_token_format(self.token)
            _check_token_format(secret)
        except InvalidTokenFormat:
            return False
        return bool(_does_token_match(self.token, secret))


def _binding() -> tuple[str, str]:
    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME


def _digest_of(file: Any) -> str:
    digest = salted_hmac("confbox.repeated_forms.file", "", algorithm="sha256")
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def browser_key(cookies: dict[str, str]) -> str:
    named = "\0".join(cookies[name] for name in _binding())
    return salted_hmac("confbox.repeated_forms.browser", named, algorithm="sha256").hexdigest()


class RepeatedForms:
    """Runs outside sessions and CSRF protection, to see every cookie that a response sets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = sent_form(request)
        if sent is None:
            return self.get_response(request)
        known = None if sent.route in DONE_AGAIN else saved_answer(sent)
        if known or not sent.has_valid_token():
            return known or self.get_response(request)
        return self._answer_once(request, sent)

    def _answer_once(self, request: HttpRequest, sent: Sent) -> HttpResponse:
        with claimed(sent) as known:
            if known is None:
                return being_sent()
            if known and sent.route not in DONE_AGAIN:
                return known[0]
            request.claim_press = partial(claim_press, sent)  # type: ignore[attr-defined]
            request.claim_form = partial(claim_press, sent, seconds=LIFETIME)  # type: ignore[attr-defined]
            response = self.get_response(request)
            if known and getattr(response, "did_nothing", False):
                return known[0]
            if 300 <= response.status_code < 400:
                keep_answer(sent, response)
            elif sent.route in COUNTS_TRIES | SHOWN_ONCE and response.status_code == 200:
                keep_answer(sent, response, page=response.content.decode(), lifetime=DOUBLE_CLICK)
            return response


def claim_press(sent: Sent, seconds: int = DOUBLE_CLICK) -> bool:
    """True for the first click of a double click whose response is not stored, such as a download's."""
    return caches["answers"].add(f"form-press:{sent.browser}:{sent.digest}", 1, seconds)


def sent_form(request: HttpRequest) -> Sent | None:
    """The form with its token; None if it is not a form, or is the same for everyone."""
    if request.method != "POST" or not request.COOKIES.get(settings.CSRF_COOKIE_NAME):
        return None
    if request.content_type == "application/json":
        return None
    try:
        route = route_of(request.path_info)
        token = request.POST.get("csrfmiddlewaretoken", "") or request.headers.get("X-CSRFToken", "")
    except (Resolver404, UnreadablePostError):
        return None
    # A shorter token is the secret itself, which is the same on every page.
    is_of_a_page = len(token) == CSRF_TOKEN_LENGTH
    return Sent(request, token, route) if is_of_a_page and route not in ALIKE_BY_NATURE else None


@lru_cache(maxsize=256)
def route_of(path: str) -> str:
    """The name of the URL, which Django looks for again once the session is known.

    Raises:
        Resolver404: there is none.
    """
    return resolve(path).url_name or ""


@contextmanager
def claimed(sent: Sent) -> Iterator[list[HttpResponse] | None]:
    """Yields [] to the first request, the stored response to one that waited, None if it gave up."""
    if caches["answers"].add(sent.claim, 1, CLAIM):
        try:
            known = saved_answer(sent)
            yield [known] if known else []
        finally:
            caches["answers"].delete(sent.claim)
        return
    if not waiting.acquire(blocking=False):
        yield None
        return
    try:
        free = _wait(sent)
    finally:
        waiting.release()
    if not free:
        yield None
        return
    with claimed(sent) as known_by_now:
        yield known_by_now


def _wait(sent: Sent) -> bool:
    """Whether the first request was answered in time."""
    until = time.monotonic() + MAX_WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(PAUSE)
        if caches["answers"].get(sent.claim) is None:
            return True
    return False


def keep_answer(sent: Sent, response: HttpResponse, page: str = "", lifetime: int = LIFETIME) -> None:
    """Stores it for the browser as it was, and for the browser with the response's cookies.

    It replaces the response to the browser's previous form, so that an old response does not undo what was
    done since.
    """
    cookies = [[c.key, c.value, c.coded_value, dict(c)] for c in response.cookies.values()]
    kept = {
        "form": sent.digest,
        "status": response.status_code,
        "headers": {n: v for n, v in response.headers.items() if n in HEADERS or n.startswith("HX-")},
        "page": page,
    }
    after = sent.cookies | {n: response.cookies[n].value for n in sent.cookies if n in response.cookies}
    caches["answers"].set(
        f"form-answer:{sent.browser}", encrypt(json.dumps(kept | {"cookies": cookies})), lifetime
    )
    if after != sent.cookies:
        caches["answers"].set(
            f"form-answer:{browser_key(after)}", encrypt(json.dumps(kept | {"cookies": []})), lifetime
        )


def saved_answer(sent: Sent) -> HttpResponse | None:
    try:
        kept = json.loads(decrypt(caches["answers"].get(f"form-answer:{sent.browser}") or ""))
    except InvalidToken:
        return None
    if kept["form"] != sent.digest:
        return None
    response = HttpResponse(kept["page"], status=kept["status"], headers=kept["headers"])
    for name, value, coded, attributes in kept["cookies"]:
        response.cookies[name] = ""
        response.cookies[name].set(name, value, coded)
        response.cookies[name].update(attributes)
    return response


def being_sent() -> HttpResponse:
    sentence = _("Your form is being processed. Please wait a few seconds, then check whether it worked.")
    response = HttpResponse(render_to_string("accounts/busy.html", {"sentence": sentence}), status=503)
    response["Retry-After"], response["Cache-Control"] = "3", "no-store"
    return response
