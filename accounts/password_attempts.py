"""Who may try a password now. What is limited are wrong passwords, not people.

For a network, a sign-up that is refused and a mailed code that is wrong count like a wrong password.

A network starts with some wrong passwords and earns more with every person who logs in from it, so that
a hall full of members behind one address is never at its end. One that has used them up may still try,
slowly. An account has ten wrong passwords in five minutes from devices that it does not know; one that it
has been used on before has ten of its own, so that nobody's guesses lock out the owner.
"""

import time

from django.core.cache import cache
from django.http import HttpRequest

from accounts.devices import known_device
from accounts.hashers import is_hashing_queue_half_full
from confbox.kit.allowances import Allowance, give_back
from confbox.kit.counts import count_one
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import network_key

WINDOW_SECONDS = 300
ACCOUNT = Allowance("guesses at an account", 10, WINDOW_SECONDS)
DEVICE = Allowance("guesses on a known device", 10, WINDOW_SECONDS)
NETWORK_FAILURES = 20
# While so many log in that half the places to wait are taken.
NETWORK_FAILURES_WHEN_BUSY = 3
EARNED_BY_A_LOG_IN = 3
SLOW_SECONDS = 2


def take_attempt(request: HttpRequest, email: str) -> str:
    """A slot that is given back when the password was right; "" when too many were wrong."""
    device = known_device(request, email)
    return DEVICE.take(device) if device else ACCOUNT.take(email)


def may_attempt(request: HttpRequest, email: str) -> bool:
    device = known_device(request, email)
    return not (DEVICE.is_used_up(device) if device else ACCOUNT.is_used_up(email))


def clear_attempts(email: str) -> None:
    ACCOUNT.clear(email)


def record_success(request: HttpRequest, slot: str, person: int) -> None:
    give_back(slot)
    earn(request, person)


def earn(request: HttpRequest, person: int) -> None:
    """A person counts once in a while: logging in again and again with one account earns nothing."""
    network = network_of(request)
    if cache.add(_key("in", f"{network}:{person}"), 1, WINDOW_SECONDS):
        count_one(_key("people", network), WINDOW_SECONDS)


def record_failure(request: HttpRequest) -> None:
    network = network_of(request)
    if is_suspect(network):
        return
    count_one(_key("wrong", network), WINDOW_SECONDS)
    if is_suspect(network):
        take_slow_turn(network)


def is_suspect(network: str) -> bool:
    """Whether more wrong passwords came from there than the people who logged in there explain."""
    wrong, people = _key("wrong", network), _key("people", network)
    counts = cache.get_many([wrong, people])
    allowed = NETWORK_FAILURES_WHEN_BUSY if is_hashing_queue_half_full() else NETWORK_FAILURES
    return bool(counts.get(wrong, 0) >= allowed + EARNED_BY_A_LOG_IN * counts.get(people, 0))


def take_slow_turn(network: str) -> bool:
    """One at a time for a suspect network: True if the one before was long enough ago."""
    return bool(cache.add(f"guesses:slow:{network}", 1, SLOW_SECONDS))


def network_of(request: HttpRequest) -> str:
    return network_key(client_ip_address(request))


def _key(what: str, who: str) -> str:
    return f"guesses:{what}:{int(time.time() // WINDOW_SECONDS)}:{who}"
