"""Keeps a database that does not answer from blocking every thread of the process.

After a call has failed because the database was down, every other call fails immediately until a probe in
the background succeeds; there is only one probe at a time. A call that hangs for a second has the database
probed too. If the probe hangs as well, the database counts as down, and all calls that hang are cut off.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import MySQLdb

from confbox.kit.retries import LOST

NOT_ASKED = 2013, "Not asked, because the database does not answer"
HANGING_SECONDS = 1.0
PROBE_SECONDS = 1.0
PAUSE_SECONDS = 0.5
LOOKS_EVERY_SECONDS = 0.25
# The server's greeting and its answer to a probe; those of others take as long as settings allow.
LIMITS_OF_A_PROBE = {"connect_timeout": 2, "read_timeout": 2, "write_timeout": 2}


class Call:
    def __init__(self, connection: Any) -> None:
        self.began = time.monotonic()
        # Asked for now, because the driver refuses to answer while a query is running.
        self.socket = connection.fileno() if connection else None

    def is_hanging(self) -> bool:
        return time.monotonic() - self.began >= HANGING_SECONDS

    def cut_off(self) -> None:
        """Its thread finds the connection lost, and closes it."""
        if self.socket is not None:
            with suppress(OSError), socket.socket(fileno=os.dup(self.socket)) as peer:
                peer.shutdown(socket.SHUT_RDWR)


class Breaker:
    """Does nothing unless it is for a web server."""

    def __init__(self, *, is_web: bool) -> None:
        self.is_web = is_web
        self.changed = threading.Condition()
        self.calls: set[Call] = set()
        self.answers = 0
        self.is_away = self.is_probing = self.is_watching = False
        self.parameters: dict[str, Any] = {}

    @contextmanager
    def call(self, connection: Any = None, *, is_ping: bool = False) -> Iterator[None]:
        """If a ping of an idle connection fails immediately, only that connection was closed."""
        if not self.is_web:
            yield
            return
        call = self._enter(connection)
        try:
            yield
        except MySQLdb.Error as error:
            was_closed = is_ping and not call.is_hanging()
            if error.args and error.args[0] in LOST and not was_closed:
                self._set_away()
            raise
        finally:
            with self.changed:
                self.calls.discard(call)

    def _enter(self, connection: Any) -> Call:
        with self.changed:
            if self.is_away:
                raise MySQLdb.OperationalError(*NOT_ASKED)
            call = Call(connection)
            self.calls.add(call)
            self._start_watch()
        return call

    def _start_watch(self) -> None:
        """With the first call, because a process that forks has no threads of its parent."""
        if not self.is_watching:
            self.is_watching = _starts(self._watch, "database watch")

    def _watch(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY_SECONDS)
            with self.changed:
                if self._has_hanging() and not self._is_answering():
                    self._cut_off()

    def _has_hanging(self) -> bool:
        return not self.is_away and any(call.is_hanging() for call in self.calls)

    def _is_answering(self) -> bool:
        before = self.answers
        self._start_probe()
        return self.changed.wait_for(lambda: self.answers > before, PROBE_SECONDS)

    def _cut_off(self) -> None:
        self.is_away = self.is_probing
        for call in self.calls if self.is_away else ():
            call.cut_off()

    def _set_away(self) -> None:
        with self.changed:
            self._start_probe()
            self.is_away = self.is_probing

    def _start_probe(self) -> None:
        """If the system cannot start a thread, no probe would ever let queries through."""
        if not self.is_probing:
            self.is_probing = _starts(self._probe, "database probe")

    def _probe(self) -> None:
        while not self._is_reached():
            time.sleep(PAUSE_SECONDS)
        with self.changed:
            self.is_away = self.is_probing = False
            self.answers += 1
            self.changed.notify_all()

    def _is_reached(self) -> bool:
        try:
            connection = MySQLdb.connect(**self.parameters | LIMITS_OF_A_PROBE)
            try:
                connection.query("SELECT 1")
                connection.store_result()
            finally:
                connection.close()
        except MySQLdb.Error as error:
            # A server that refuses has answered.
            return bool(error.args) and error.args[0] not in LOST
        return True


def _starts(act: Any, name: str) -> bool:
    """False if the system has no thread left."""
    with suppress(RuntimeError):
        threading.Thread(target=act, name=name, daemon=True).start()
        return True
    return False


# No page may wait indefinitely; commands may.
breaker = Breaker(is_web=bool(int(os.environ.get("DATABASE_TIMEOUT") or 0)))
