"""Keeps a database that does not answer from blocking every thread of the process.

After a call has failed because the database was down, every other call fails immediately until a probe in
the background succeeds; there is only one probe at a time. Before that first failure, calls that hang leave
one thread free: it waits a second, probes for another, and then treats the database as down.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import MySQLdb

# The server could not be reached, was lost or did not answer in time; not: it is full, or a row is locked.
LOST = {2002, 2003, 2005, 2006, 2012, 2013, 2026, 2055, 1053, 1158, 1159, 1160, 1161, 1927}
NOT_ASKED = 2013, "Not asked, because the database does not answer"
HANGING_SECONDS = 1.0
PROBE_SECONDS = 1.0
PAUSE_SECONDS = 0.5


class Breaker:
    """At most `threads` threads may query at the same time; without a number, there is no limit."""

    def __init__(self, threads: int | None) -> None:
        self.most = max(1, threads - 1) if threads else None
        self.changed = threading.Condition()
        self.asking = self.answers = 0
        self.is_away = self.is_probing = False
        self.parameters: dict[str, Any] = {}

    @contextmanager
    def call(self, *, is_ping: bool = False) -> Iterator[None]:
        """If a ping of an idle connection fails immediately, only that connection was closed."""
        if self.most is None:
            yield
            return
        self._enter(self.most)
        began = time.monotonic()
        try:
            yield
        except MySQLdb.Error as error:
            was_closed = is_ping and time.monotonic() - began < HANGING_SECONDS
            if error.args and error.args[0] in LOST and not was_closed:
                self._set_away()
            raise
        finally:
            with self.changed:
                self.asking -= 1
                self.changed.notify_all()

    def _enter(self, most: int) -> None:
        with self.changed:
            is_stuck = not self.is_away and not self._has_room(most) and not self._is_answering()
            if is_stuck:
                self.is_away = self.is_probing
            if self.is_away or is_stuck:
                raise MySQLdb.OperationalError(*NOT_ASKED)
            self.asking += 1

    def _has_room(self, most: int) -> bool:
        return self.changed.wait_for(lambda: self.asking < most or self.is_away, HANGING_SECONDS)

    def _is_answering(self) -> bool:
        before = self.answers
        self._start_probe()
        return self.changed.wait_for(lambda: self.answers > before, PROBE_SECONDS)

    def _set_away(self) -> None:
        with self.changed:
            self._start_probe()
            self.is_away = self.is_probing

    def _start_probe(self) -> None:
        """Gives up if the system cannot start a thread: otherwise no probe would ever let queries through."""
        if not self.is_probing:
            with suppress(RuntimeError):
                threading.Thread(target=self._probe, name="database probe", daemon=True).start()
                self.is_probing = True

    def _probe(self) -> None:
        while not self._is_reached():
            time.sleep(PAUSE_SECONDS)
        with self.changed:
            self.is_away = self.is_probing = False
            self.answers += 1
            self.changed.notify_all()

    def _is_reached(self) -> bool:
        try:
            connection = MySQLdb.connect(**self.parameters)
            try:
                connection.query("SELECT 1")
                connection.store_result()
            finally:
                connection.close()
        except MySQLdb.Error:
            return False
        return True


def _threads() -> int | None:
    """The web server's threads, where no page may wait indefinitely; commands may, and have no limit."""
    is_web = int(os.environ.get("DATABASE_TIMEOUT") or 0)
    return int(os.environ.get("WEB_THREADS") or 12) if is_web else None


breaker = Breaker(_threads())
