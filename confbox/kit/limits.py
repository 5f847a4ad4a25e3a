"""Limits on what one person may do: one piece of heavy work at a time, and so many uses in a period.

`docs/limits.md` lists each limit with its figure and its test. Counts per hour or day are kept in the
default cache, which contains nothing else; counts per minute and the lock belong to the process.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar, cast

from allauth.core.internal.ratelimit import Rate, parse_rates
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.counts import count_one
from confbox.kit.file_locks import try_lock
from confbox.kit.ip_addresses import client_ip_address

View = TypeVar("View", bound=Callable[..., HttpResponse])
BUSY_RETRY_SECONDS = 3
# How long a process waits for the heavy work of another.
MAX_WAIT_SECONDS = 5.0
# What is counted for longer is counted for all processes together.
LONGEST_HERE_SECONDS = 60
MOST_COUNTS_HERE = 20_000
# Heavy work of every kind shares this lock, so it never takes more than one thread of a process.
heavy_work_lock = threading.Lock()


class CountsHere:
    """Counts of this process: a search costs less than counting it in the database would."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def used(self, key: str) -> int:
        return self._counts.get(key, (0, 0.0))[0]

    def count(self, key: str, seconds: float) -> None:
        with self._lock:
            if len(self._counts) > MOST_COUNTS_HERE:
                now = time.time()
                self._counts = {k: (n, ends) for k, (n, ends) in self._counts.items() if ends > now}
            self._counts[key] = (self.used(key) + 1, time.time() + seconds)

    def clear(self) -> None:
        self._counts.clear()


here = CountsHere()


class LimitReached(ValidationError):
    """A form shows it as its own error; elsewhere `confbox.kit.limit_pages` answers it with a page."""

    def __init__(self, sentence: str, *, status: int, retry_after_seconds: int) -> None:
        super().__init__(sentence, code="limit")
        self.sentence, self.status, self.retry_after_seconds = sentence, status, retry_after_seconds


@dataclass(frozen=True)
class Limit:
    """A name and its rates, such as "30/h" or "5/m,100/d"; an empty rate counts nothing."""

    name: str
    person: str = ""
    network: str = ""


@dataclass(frozen=True)
class Usage:
    """How much of a limit with one rate is used up; `kind` is "person" or "network"."""

    kind: str
    amount: int
    seconds: int
    left: int
    resets_in: int


def network_key(address: str | None) -> str:
    """The network of one subscriber: an IPv4 address, or the /64 of an IPv6 address; "" if unknown."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


def count_use(limit: Limit, request: HttpRequest) -> None:
    """Counts one use for the person who is logged in and for the network.

    Raises:
        LimitReached: with status 429, if either has used up what the limit allows.
    """
    count_use_for(limit, **_asker(limit, request))


def refuse_if_used_up(limit: Limit, request: HttpRequest) -> None:
    """Raises the same errors as `count_use`, but counts nothing."""
    refuse_used_up(limit, **_asker(limit, request))


def _asker(limit: Limit, request: HttpRequest) -> dict[str, str]:
    """Who is counted. Does not access the session for a limit that counts no persons."""
    is_person = limit.person and request.user.is_authenticated
    return {
        "person": str(request.user.pk) if is_person else "",
        "network": network_key(client_ip_address(request)) if limit.network else "",
    }


def count_use_for(limit: Limit, *, person: str = "", network: str = "") -> None:
    """As `count_use`; counts nothing for an empty person or network."""
    refuse_used_up(limit, person=person, network=network)
    for key, rate in _counts(limit, person=person, network=network).items():
        _count(key, rate)


def _counts(limit: Limit, *, person: str, network: str) -> dict[str, Rate]:
    return {
        _key(limit, rate, kind, who): rate
        for kind, rates, who in (("person", limit.person, person), ("network", limit.network, network))
        for rate in parse_rates(rates)
        if who
    }


def refuse_used_up(limit: Limit, *, person: str = "", network: str = "") -> None:
    """Raises the same errors as `count_use`, but counts nothing."""
    counts = _counts(limit, person=person, network=network)
    shared = [key for key, rate in counts.items() if rate.duration > LONGEST_HERE_SECONDS]
    used = {key: here.used(key) for key in counts} | (cache.get_many(shared) if shared else {})
    for key, rate in counts.items():
        if used[key] >= rate.amount:
            raise _too_often(rate)


def usage_of(limit: Limit, *, person: str = "", network: str = "") -> Usage | None:
    """Of a limit that this process counts; None if no one is counted."""
    for kind, rates, who in (("person", limit.person, person), ("network", limit.network, network)):
        for rate in parse_rates(rates) if who else ():
            used, seconds = here.used(_key(limit, rate, kind, who)), int(rate.duration)
            resets_in = max(1, int(seconds - time.time() % seconds))
            return Usage(kind, rate.amount, seconds, max(0, rate.amount - used), resets_in)
    return None


def _key(limit: Limit, rate: Rate, kind: str, who: str) -> str:
    window = int(time.time() // rate.duration)
    name = f"{limit.name}:{rate.amount}:{int(rate.duration)}:{window}:{kind}:{who}"
    return f"limit:{sha256(name.encode()).hexdigest()[:40]}"


def _count(key: str, rate: Rate) -> None:
    if rate.duration <= LONGEST_HERE_SECONDS:
        here.count(key, rate.duration)
    else:
        count_one(key, int(rate.duration))


def _too_often(rate: Rate) -> LimitReached:
    seconds = max(1, int(rate.duration - time.time() % rate.duration))
    minutes = -(-seconds // 60)
    sentence = ngettext(
        "Too many requests. Please try again in %(n)d minute.",
        "Too many requests. Please try again in %(n)d minutes.",
        minutes,
    )
    return LimitReached(sentence % {"n": minutes}, status=429, retry_after_seconds=seconds)


def too_busy() -> LimitReached:
    sentence = _("The site is busy right now. Please try again in a few seconds.")
    return LimitReached(sentence, status=503, retry_after_seconds=BUSY_RETRY_SECONDS)


@contextmanager
def heavy_work(limit: Limit, request: HttpRequest) -> Iterator[None]:
    """Takes the process's only lock for work that would slow down other pages, and counts it.

    If the lock is taken, the request is refused immediately and not counted.

    Raises:
        LimitReached: the lock is taken (503) or the limit used up (429).
    """
    # Before taking the lock, so that a flood of refused requests does not keep others from it.
    refuse_if_used_up(limit, request)
    if not heavy_work_lock.acquire(blocking=False):
        raise too_busy()
    try:
        count_use(limit, request)
        yield
    finally:
        heavy_work_lock.release()


def is_heavy(limit: Limit) -> Callable[[View], View]:
    """Wraps all of a view as heavy work."""

    def decorate(view: View) -> View:
        @wraps(view)
        def one_at_a_time(request: HttpRequest, *arguments: Any, **keywords: Any) -> HttpResponse:
            with heavy_work(limit, request):
                return view(request, *arguments, **keywords)

        return cast("View", one_at_a_time)

    return decorate


@contextmanager
def alone_on_this_host(name: str) -> Iterator[None]:
    """Waits for other processes that do the same work: one works, and at most one thread a process waits.

    Raises:
        LimitReached: with status 503, after `MAX_WAIT_SECONDS`.
    """
    ends = time.monotonic() + MAX_WAIT_SECONDS
    with (settings.VAR_DIR / f"{name}.lock").open("w") as lock:
        while not try_lock(lock):
            if time.monotonic() > ends:
                raise too_busy()
            time.sleep(0.02)
        yield
