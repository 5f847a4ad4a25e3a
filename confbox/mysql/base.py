"""Django's MySQL backend with a circuit breaker: queries to a database that is down fail immediately.

So do writes to one whose disk is full.

Django pings each connection before its first use in a request, to find one that the server has closed. Here,
a connection that was just used is not pinged. If the server has closed it since, the first query of
the request fails; if that only reads, it is repeated on a new connection.
"""

import time
from contextlib import suppress
from typing import Any

import MySQLdb as Database
from django.db import DatabaseError
from django.db.backends.mysql import base

from confbox.kit.counters import count
from confbox.kit.retries import LOST
from confbox.mysql.breaker import NOT_ASKED, breaker
from confbox.mysql.room import disk

# How long after its last use a connection is trusted without a ping.
TRUSTED_SECONDS = 1.0


class WatchedCursor(base.CursorWrapper):
    def __init__(self, cursor: Any, wrapper: "DatabaseWrapper") -> None:
        super().__init__(cursor)
        self.wrapper = wrapper

    def execute(self, query: Any, args: Any = None) -> Any:
        disk.refuse_without_room(query)
        if self.wrapper.takes_trust() and _only_reads(query) and not self.wrapper.in_atomic_block:
            return self._execute_or_reconnect(query, args)
        with breaker.call(self.wrapper.connection):
            return super().execute(query, args)

    def executemany(self, query: Any, args: Any) -> Any:
        disk.refuse_without_room(query)
        self.wrapper.takes_trust()
        with breaker.call(self.wrapper.connection):
            return super().executemany(query, args)

    def _execute_or_reconnect(self, query: Any, args: Any) -> Any:
        try:
            with breaker.call(self.wrapper.connection, is_ping=True):
                return super().execute(query, args)
        except Database.OperationalError as error:
            if error.args[0] not in LOST or error.args == NOT_ASKED:
                raise
        # Django closes the cursor once more if this fails, and must find nothing left to do.
        with suppress(Database.Error):
            self.cursor.close()
        self.wrapper.close()
        self.wrapper.connect_within_a_query()
        self.cursor = self.wrapper.connection.cursor()
        with breaker.call(self.wrapper.connection):
            return super().execute(query, args)


def _only_reads(query: str) -> bool:
    return query.startswith("SELECT ") and not query.rstrip().endswith((" FOR UPDATE", " SHARE MODE"))


class DatabaseWrapper(base.DatabaseWrapper):
    used_at = 0.0
    # Not pinged in this request, and not used either.
    is_trusted = False
    # The query is counted if it fails, and so its connection is not.
    is_within_a_query = False

    def takes_trust(self) -> bool:
        """Whether this is the first query on a connection that was not pinged."""
        was_trusted, self.is_trusted = self.is_trusted, False
        self.used_at = time.monotonic()
        return was_trusted

    def connect(self) -> None:
        """A connection that was not set up to its end would have a transaction that no one commits."""
        try:
            super().connect()
        except BaseException:
            self.close()
            raise

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        breaker.parameters = conn_params
        try:
            with breaker.call():
                connection = super().get_new_connection(conn_params)
                disk.find(connection, conn_params.get("unix_socket", ""))
                return connection
        except Database.OperationalError as error:
            if not self.is_within_a_query:
                count("database_errors", str(error.args[0]))
            raise

    def connect_within_a_query(self) -> None:
        self.is_within_a_query = True
        try:
            self.connect()
        finally:
            self.is_within_a_query = False

    def refuse_without_room(self) -> None:
        """For what takes a write that failed for one that was not needed.

        Raises:
            OperationalError: nothing can be written now.
        """
        with self.wrap_database_errors:
            disk.refuse_without_room("INSERT")

    def create_cursor(self, name: str | None = None) -> WatchedCursor:
        return WatchedCursor(self.connection.cursor(), self)

    def is_usable(self) -> bool:
        if not self.errors_occurred and time.monotonic() - self.used_at < TRUSTED_SECONDS:
            self.is_trusted = True
            return True
        try:
            with breaker.call(self.connection, is_ping=True):
                self.connection.ping()
        except Database.Error:
            return False
        return True

    # The refusal of the breaker has to be an error that Django knows, as those of the driver are.
    def _commit(self) -> Any:
        with self.wrap_database_errors, breaker.call(self.connection):
            return super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        with self.wrap_database_errors, breaker.call(self.connection):
            super()._rollback()  # type: ignore[misc]

    def _set_autocommit(self, autocommit: bool) -> None:
        try:
            with self.wrap_database_errors, breaker.call(self.connection):
                super()._set_autocommit(autocommit)  # type: ignore[misc]
        except DatabaseError:
            # Code that catches this would write in a transaction that no one commits.
            self.close()
            raise
