"""Devices on which a person has logged in before, told by a signed cookie.

Such a device has counts of its own, so that wrong passwords and requests of strangers do not keep the owner
out. The cookie names the account by a keyed digest alone, and a new password makes it worthless.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "accounts.devices"
LIFETIME_SECONDS = 400 * 24 * 3600
# People who share a device; the one who has not logged in for longest goes first.
PEOPLE = 3


def known_device(request: HttpRequest, email: str) -> str:
    """The ID of the device, if the account of this address was used on it under its current password."""
    found = _read(request).get(_digest("address", email))
    if not found:
        return ""
    # Only who has logged in here before comes this far: no stranger learns from the time it takes.
    user = User.objects.active().filter(email=email).first()
    device, seen = found
    return device if user and constant_time_compare(seen, _digest("password", _state(user))) else ""


def is_device(request: HttpRequest) -> bool:
    """Whether anybody has logged in on it before; whether that was who tries now is looked at later."""
    return bool(_read(request))


def last_person(request: HttpRequest) -> str:
    """A digest of who logged in last on this device; empty if nobody has."""
    return next(reversed(_read(request)), "")


def digest_of_person(user: User) -> str:
    return _digest("address", user.email)


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    people = _read(request)
    address = _digest("address", user.email)
    device = (people.pop(address, None) or [secrets.token_urlsafe(12)])[0]
    kept = dict(list(people.items())[-(PEOPLE - 1) :])
    kept[address] = [device, _digest("password", _state(user))]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(kept, salt=SALT, compress=True),
        max_age=LIFETIME_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, list[str]]:
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        return dict(signing.loads(cookie, salt=SALT, max_age=LIFETIME_SECONDS)) if cookie else {}
    except signing.BadSignature:
        return {}


def _state(user: User) -> str:
    return f"{user.pk}:{user.get_session_auth_hash()}"


def _digest(kind: str, text: str) -> str:
    return salted_hmac(f"{SALT}.{kind}", text, algorithm="sha256").hexdigest()[:32]
