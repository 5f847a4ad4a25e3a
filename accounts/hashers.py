import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from confbox.kit.file_locks import try_lock

# Hashing releases the interpreter's lock, so without a limit a burst of log-ins would take every core, and
# those that wait would take every thread of the web server. Requests are refused once the queue is full.
# All processes of a host share the limit, so that one core is always free to answer votes.
MAX_WAIT_SECONDS = 10.0
# Hashing gets a third of the processor time that other requests get.
NICENESS = 5
TURN_POLL_SECONDS = 0.003
running = threading.BoundedSemaphore(settings.HASHES_AT_ONCE)
places = threading.BoundedSemaphore(settings.HASHES_AT_ONCE + settings.HASHES_WAITING)
queued_threads: set[int] = set()
this_thread = threading.local()


@contextmanager
def hashing_turn() -> Iterator[None]:
    """Waits for a turn to hash; a thread that already has one does not wait again.

    Raises:
        ValidationError: too many are waiting; its code is "busy".
    """
    if getattr(this_thread, "turn", False):
        yield
        return
    if not places.acquire(blocking=False):
        _refuse()
    queued_threads.add(threading.get_ident())
    try:
        if not running.acquire(timeout=MAX_WAIT_SECONDS):
            _refuse()
        this_thread.turn = True
        try:
            yield
        finally:
            this_thread.turn = False
            running.release()
    finally:
        queued_threads.discard(threading.get_ident())
        places.release()


def take_hashing_turn(request: HttpRequest) -> None:
    """Holds a turn until `end_hashing` or the end of the request.

    Raises the same errors as `hashing_turn`.
    """
    request.hashing.enter_context(hashing_turn())  # type: ignore[attr-defined]


def end_hashing(request: HttpRequest) -> None:
    """Gives up the turn: the work after hashing waits for the database and needs no processor."""
    turns = getattr(request, "hashing", None)
    if turns is not None:
        turns.close()


def is_hashing_queue_full() -> bool:
    """Whether a request that asks for a turn now would be refused immediately."""
    if not places.acquire(blocking=False):
        return True
    places.release()
    return False


def is_hashing_queue_half_full() -> bool:
    return len(queued_threads) > (settings.HASHES_AT_ONCE + settings.HASHES_WAITING) // 2


def refusal() -> str:
    return _("Too many people are logging in right now. Please try again in a few seconds.")


def _lower_priority() -> None:
    """Lowers the priority of this thread. It cannot raise it again, so hashing has threads of its own.

    Relative to the priority of the process, which may have been started with a low one.
    """
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)


def _make_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.HASHES_AT_ONCE, "hashing", initializer=_lower_priority)


def _renew_pool() -> None:
    global pool  # noqa: PLW0603  # a pool for each process
    pool = _make_pool()


pool = _make_pool()
# The threads of a pool are not copied into a forked process.
os.register_at_fork(after_in_child=_renew_pool)


@contextmanager
def turn_on_this_host() -> Iterator[None]:
    """Waits for one of the turns that all processes share, but not indefinitely: one may be frozen."""
    if (os.cpu_count() or 1) <= settings.HASHES_AT_ONCE:
        yield
        return
    ends = time.monotonic() + MAX_WAIT_SECONDS
    with ExitStack() as held:
        locks = [
            held.enter_context((settings.VAR_DIR / f"hashing-{turn}.lock").open("w"))
            for turn in range(settings.HASHES_AT_ONCE)
        ]
        while not any(map(try_lock, locks)) and time.monotonic() < ends:
            time.sleep(TURN_POLL_SECONDS)
        yield


def _hash(hash_it: Callable[..., Any], *arguments: Any) -> Any:
    with turn_on_this_host():
        return hash_it(*arguments)


def hash_in_pool(hash_it: Callable[..., Any], *arguments: Any) -> Any:
    """Runs it in its turn on a low-priority thread. Raises the same errors as `hashing_turn`."""
    with hashing_turn():
        return pool.submit(_hash, hash_it, *arguments).result()


def _refuse() -> None:
    raise ValidationError(refusal(), code="busy")


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's second recommended setting: 19 MiB, two passes, one lane.

    Django's default of 100 MiB and eight lanes makes eight simultaneous log-ins cost 800 MB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return str(hash_in_pool(super().encode, password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        return bool(hash_in_pool(super().verify, password, encoded))

    def harden_runtime(self, *args: Any) -> None:
        """Does nothing: the cost of a verification does not depend on the hash's age."""
