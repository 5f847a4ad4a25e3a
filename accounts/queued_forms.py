"""A form that has to wait until its password can be hashed.

Its page carries the form, encrypted, and continues automatically.
"""

import json
import time

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, QueryDict

from confbox.kit.encryption import decrypt, encrypt

# Long enough for a few tries; afterwards the password has to be typed again.
LIFETIME_SECONDS = 180
LOG_IN = ("login", "password", "remember", "next")
SIGN_UP = ("name", "profession", "email", "password1", "time_zone", "next")
# By the name of the URL.
FIELDS = {"account_login": LOG_IN, "account_signup": SIGN_UP, "invitation": SIGN_UP}


def can_wait(request: HttpRequest) -> bool:
    return request.method == "POST" and _route(request) in FIELDS


def has_password(request: HttpRequest) -> bool:
    return bool(request.POST.get("password") or request.POST.get("password1"))


def _route(request: HttpRequest) -> str:
    found = request.resolver_match
    return (found and found.url_name) or ""


def encrypt_form(request: HttpRequest) -> str:
    """Only this site can decrypt it, and it works only in this browser and at this URL, for a few minutes."""
    typed = {name: request.POST[name] for name in FIELDS[_route(request)] if name in request.POST}
    began = getattr(request, "form_began", time.time())
    return encrypt(json.dumps([request.path, began, request.META.get("CSRF_COOKIE", ""), typed]))


def resume_form(request: HttpRequest) -> None:
    """Restores a form that has waited; ignores what this site did not encrypt."""
    encrypted = request.POST.get("waited", "")
    if not encrypted or has_password(request):
        return
    try:
        path, began, cookie, typed = json.loads(decrypt(encrypted))
    except (InvalidToken, ValueError):
        return
    is_ours = path == request.path and cookie == request.META.get("CSRF_COOKIE", "")
    if is_ours and time.time() - began < LIFETIME_SECONDS:
        data = QueryDict(mutable=True)
        data.update(typed)
        request.POST = data  # type: ignore[assignment]
        request.form_began = began  # type: ignore[attr-defined]
