"""Devices on which a person has logged in before, recognised by a signed cookie.

Such a device has limits of its own, so that wrong passwords and requests from strangers do not keep the
owner out. The cookie names the account by a keyed digest only, and a new password invalidates it.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "accounts.devices"
LIFETIME_SECONDS = 400 * 24 * 3600
# The number of people who can share a device; the one whose last log-in is oldest is dropped first.
PEOPLE = 3


def known_device(request: HttpRequest, email: str) -> str:
    """The ID of the device, if this account was used on it with its current password."""
    found = _read(request).get(_digest("address", email))
    if not found:
        return ""
    # Only a person who has logged in on this device gets here, so the time it takes reveals nothing to
    # strangers.
    user = User.objects.active().filter(email=email).first()
    device, seen = found
    return device if user and constant_time_compare(seen, _digest("password", _state(user))) else ""


def is_device(request: HttpRequest) -> bool:
    """Whether any person has logged in on it before; whether it was this person is checked later."""
    return bool(_read(request))


def last_person(request: HttpRequest) -> str:
    """A digest of the person who logged in last on this device; empty if there is none."""
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
