import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Hashing releases the interpreter's lock, so without a bound a storm of log-ins takes every core,
# and its waiting threads every seat of the web server. Whoever finds the bench full is told so.
PATIENCE = 4.0
running = threading.BoundedSemaphore(settings.HASHES_AT_ONCE)
seated = threading.BoundedSemaphore(settings.HASHES_AT_ONCE + settings.HASHES_WAITING)


@contextmanager
def hashing_turn() -> Iterator[None]:
    """Waits for a turn to hash.

    Raises:
        ValidationError: too many are waiting; its code is "busy".
    """
    if not seated.acquire(blocking=False):
        _refuse()
    try:
        if not running.acquire(timeout=PATIENCE):
            _refuse()
        try:
            yield
        finally:
            running.release()
    finally:
        seated.release()


def _refuse() -> None:
    raise ValidationError(
        _("Very many people are logging in right now. Please try again in a few seconds."), code="busy"
    )


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's second recommended setting: 19 MiB, two passes, one lane.

    Django's default of 100 MiB and eight lanes makes eight simultaneous log-ins cost 800 MB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with hashing_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with hashing_turn():
            return super().verify(password, encoded)

    def harden_runtime(self, *args: Any) -> None:
        """Nothing to add: the cost of a verification does not depend on the hash's age."""
