"""Acts that are done again when the database asks for it.

MariaDB breaks deadlocks by undoing one of the transactions, and asks for it to be sent again.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from confbox.kit.counters import count

# Deadlock, lock wait timeout, and Galera's or MariaDB's "record has changed since last read".
RETRYABLE = {1213, 1205, 1020}
ATTEMPTS = 3
WAIT_SECONDS = 0.02

P = ParamSpec("P")
R = TypeVar("R")


def asks_again(error: OperationalError) -> bool:
    """Whether the transaction was undone, and may succeed when it is sent again."""
    return bool(error.args) and error.args[0] in RETRYABLE


def retried(act: Callable[P, R]) -> Callable[P, R]:
    """Does the whole act again, up to twice, if the database asks for it.

    Only for acts that change nothing but the database, in one transaction, and not what they were given.
    Within another transaction there is nothing to do again: the database has undone all of it.

    Raises:
        OperationalError: the last attempt failed too.
    """

    @wraps(act)
    def patient(*args: P.args, **named: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS):
            try:
                return act(*args, **named)
            except OperationalError as error:
                if connection.in_atomic_block or not asks_again(error):
                    raise
                count("retries", patient.__name__.strip("_"))
                time.sleep(WAIT_SECONDS * attempt)
        return act(*args, **named)

    return patient
