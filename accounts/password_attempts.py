"""Who may try a password now. What is limited are wrong passwords, not people.

For a network, a refused sign-up and a wrong emailed code count like a wrong password.

A network starts with an allowance of wrong passwords and earns more with every person who logs in from it,
so that a hall full of members behind one IP address never runs out. One that has used up its allowance may
still try, slowly. An account allows ten wrong passwords in five minutes from unknown devices; a device on
which it has been used before has ten of its own, so that other people's attempts do not lock out the owner.
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
# While the hashing queue is at least half full.
NETWORK_FAILURES_WHEN_BUSY = 3
EARNED_BY_A_LOG_IN = 3
SLOW_SECONDS = 2


def take_attempt(request: HttpRequest, email: str) -> str:
    """Takes a slot, to be given back if the password was right; "" after too many wrong ones."""
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
    """A person counts once per window: logging in again and again with one account earns nothing more."""
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
    """Whether there were more wrong passwords than the number of people who logged in there explains."""
    wrong, people = _key("wrong", network), _key("people", network)
    counts = cache.get_many([wrong, people])
    allowed = NETWORK_FAILURES_WHEN_BUSY if is_hashing_queue_half_full() else NETWORK_FAILURES
    return bool(counts.get(wrong, 0) >= allowed + EARNED_BY_A_LOG_IN * counts.get(people, 0))


def take_slow_turn(network: str) -> bool:
    """Lets a suspect network try once at a time: True if the last try was long enough ago."""
    return bool(cache.add(f"guesses:slow:{network}", 1, SLOW_SECONDS))


def network_of(request: HttpRequest) -> str:
    return network_key(client_ip_address(request))


def _key(what: str, who: str) -> str:
    return f"guesses:{what}:{int(time.time() // WINDOW_SECONDS)}:{who}"
