"""The secret in the URL of a person's calendar.

Half of it is stored with the person and half is derived from the secret key, so a copy of the database
does not open any calendar.
"""

import secrets

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare

from accounts.actors import Actor
from accounts.models import User
from confbox.kit.outcomes import Change

LONGEST = 200


def _signer() -> Signer:
    return Signer(salt="accounts.calendar", sep=".")


def calendar_secret(user: User) -> str:
    """The secret part of the URL; empty if the person has no calendar URL."""
    return _signer().sign(f"{user.pk}-{user.calendar_key}") if user.calendar_key else ""


def owner_of(secret: str) -> User | None:
    """The active person whose current secret this is."""
    try:
        number, _dash, key = _signer().unsign(secret[:LONGEST]).partition("-")
    except BadSignature:
        return None
    person = User.objects.active().filter(pk=int(number)).exclude(calendar_key="").first()
    return person if person and constant_time_compare(person.calendar_key, key) else None


def renew_calendar_key(*, by: Actor) -> User:
    """Gives the person's calendar a new URL; the previous one stops working."""
    by.user.calendar_key = secrets.token_hex(16)
    by.user.save(update_fields=["calendar_key"])
    return by.user


def remove_calendar_key(*, by: Actor) -> Change:
    """No change if there was no address."""
    keyed = User.objects.filter(pk=by.user.pk).exclude(calendar_key="")
    return Change.of(keyed.update(calendar_key=""))
