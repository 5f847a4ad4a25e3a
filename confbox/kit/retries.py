"""Acts that are done again when the database asks for it, or was lost before it answered.

MariaDB breaks deadlocks by undoing one of the transactions, and asks for it to be sent again.
"""

import time
from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from confbox.kit.counters import count

# Deadlock, lock wait timeout, and Galera's or MariaDB's "record has changed since last read".
RETRYABLE = {1213, 1205, 1020}
ATTEMPTS = 3
WAIT_SECONDS = 0.02
# The server could not be reached, was lost or did not answer in time; not: it is full, or a row is locked.
LOST = {2002, 2003, 2005, 2006, 2012, 2013, 2026, 2055, 1053, 1158, 1159, 1160, 1161, 1927}
# A node that has left its cluster and so could not commit or let us in, or was set to read only. Over a new
# connection, HAProxy leads to another node.
NODE_LEFT = {1047, 1180, 1184, 1290, 1836}
# A database that was killed is back within this time.
RECONNECT_SECONDS = 2.0
PAUSE_SECONDS = 0.1
# How many threads of a process may wait for the database to come back; other requests are told at once.
waiting = BoundedSemaphore(4)

P = ParamSpec("P")
R = TypeVar("R")


def asks_again(error: OperationalError) -> bool:
    """Whether the transaction was undone, and may succeed when it is sent again."""
    return bool(error.args) and error.args[0] in RETRYABLE


def is_lost(error: OperationalError) -> bool:
    """Whether another connection may succeed; no one can say what has become of the transaction."""
    return bool(error.args) and error.args[0] in LOST | NODE_LEFT


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


def sent_again_if_lost(act: Callable[P, R]) -> Callable[P, R]:
    """Does the act again over a new connection if the database was lost, within two seconds of its beginning.

    Only for acts that do the same if they are done twice: the first may have been stored.

    Raises:
        OperationalError: the database is not back yet, or enough threads wait for it.
    """

    @wraps(act)
    def patient(*args: P.args, **named: P.kwargs) -> R:
        ends = time.monotonic() + RECONNECT_SECONDS
        try:
            return act(*args, **named)
        except OperationalError as error:
            is_late = time.monotonic() >= ends
            if connection.in_atomic_block or not is_lost(error) or is_late:
                raise
            if not waiting.acquire(blocking=False):
                raise
        try:
            return _again_until(ends, lambda: act(*args, **named))
        finally:
            waiting.release()

    return patient


def _again_until(ends: float, act: Callable[[], R]) -> R:
    while True:
        connection.close()
        time.sleep(PAUSE_SECONDS)
        try:
            return act()
        except OperationalError as error:
            if not is_lost(error) or time.monotonic() >= ends:
                raise
