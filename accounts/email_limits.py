"""How many emails can be requested for a mailbox, counted for the mailbox and for the requester.

A stranger who asks again and again uses up only part of a mailbox's allowance, so its owner can still ask.
A device on which the owner has logged in before has the same allowance again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.codes import RESEND_WAIT
from accounts.devices import known_device
from confbox.kit.allowances import Allowance, give_back
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import Limit, LimitReached, count_use_for, network_key
from confbox.kit.mailbox_digests import mailbox_of

HOUR_SECONDS, DAY_SECONDS = 3600, 24 * 3600
# Twenty codes a day give someone who guesses 60 tries in a million.
MAILBOX = [
    Allowance("an email just now", 1, RESEND_WAIT),
    Allowance("emails of an hour", 6, HOUR_SECONDS),
    Allowance("emails of a day", 20, DAY_SECONDS),
]
STRANGER = Allowance("emails for one network", 3, HOUR_SECONDS)
ASKERS = Limit("emails asked for", person="20/h", network="600/h")


@contextmanager
def counting_email(request: HttpRequest, email: str) -> Iterator[None]:
    """Counts one email to this address, whether or not it has an account; undone if the block fails.

    Raises:
        LimitReached: too many were requested.
    """
    slots = _take(request, email)
    try:
        count_use_for(ASKERS, person=_person(request), network=_network(request))
        yield
    except BaseException:
        for slot in slots:
            give_back(slot)
        raise


def count_email(request: HttpRequest, email: str) -> None:
    """As `counting_email`, if nothing that follows can fail."""
    with counting_email(request, email):
        pass


def _take(request: HttpRequest, email: str) -> list[str]:
    slots: list[str] = []
    for allowance, who in _allowances(request, email):
        slot = allowance.take(who)
        if not slot:
            for taken in slots:
                give_back(taken)
            raise _too_many(allowance)
        slots.append(slot)
    return slots


def _allowances(request: HttpRequest, email: str) -> list[tuple[Allowance, str]]:
    mailbox, device = mailbox_of(email), known_device(request, email)
    counted = [(allowance, device or mailbox) for allowance in MAILBOX]
    if device or _person(request):
        return counted
    return [*counted, (STRANGER, f"{mailbox} {_network(request)}")]


def _person(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return str(user.pk) if user is not None and user.is_authenticated else ""


def _network(request: HttpRequest) -> str:
    return network_key(client_ip_address(request))


def _too_many(allowance: Allowance) -> ValidationError:
    sentence = _(
        "We have just sent an email to this address. Please wait a little before you ask for another."
    )
    return LimitReached(sentence, status=429, retry_after_seconds=allowance.seconds)
