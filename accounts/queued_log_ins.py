"""A log-in that has to wait. Its page carries the form, encrypted, and continues automatically."""

import json
import time

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, QueryDict

from confbox.kit.encryption import decrypt, encrypt

# Long enough for a few tries; afterwards the password has to be typed again.
LIFETIME_SECONDS = 180
FIELDS = ("login", "password", "remember", "next")
PURPOSE = "log-in"


def encrypt_log_in(request: HttpRequest) -> str:
    """Only this site can decrypt it, and it works only in this browser, for a few minutes."""
    typed = {name: request.POST[name] for name in FIELDS if name in request.POST}
    began = getattr(request, "log_in_began", time.time())
    return encrypt(json.dumps([PURPOSE, began, request.META.get("CSRF_COOKIE", ""), typed]))


def resume_log_in(request: HttpRequest) -> None:
    """Restores the form of a log-in that has waited; ignores what this site did not encrypt."""
    encrypted = request.POST.get("waited", "")
    if not encrypted or "password" in request.POST:
        return
    try:
        purpose, began, cookie, typed = json.loads(decrypt(encrypted))
    except (InvalidToken, ValueError):
        return
    is_ours = purpose == PURPOSE and cookie == request.META.get("CSRF_COOKIE", "")
    if is_ours and time.time() - began < LIFETIME_SECONDS:
        data = QueryDict(mutable=True)
        data.update(typed)
        request.POST = data  # type: ignore[assignment]
        request.log_in_began = began  # type: ignore[attr-defined]
