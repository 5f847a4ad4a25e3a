"""Django's MySQL backend with a circuit breaker: queries to a database that is down fail immediately."""

from typing import Any

import MySQLdb as Database
from django.db.backends.mysql import base

from confbox.mysql.breaker import breaker


class WatchedCursor(base.CursorWrapper):
    def execute(self, query: Any, args: Any = None) -> Any:
        with breaker.call():
            return super().execute(query, args)

    def executemany(self, query: Any, args: Any) -> Any:
        with breaker.call():
            return super().executemany(query, args)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        breaker.parameters = conn_params
        with breaker.call():
            return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> WatchedCursor:
        return WatchedCursor(self.connection.cursor())

    def is_usable(self) -> bool:
        try:
            with breaker.call(is_ping=True):
                self.connection.ping()
        except Database.Error:
            return False
        return True

    def _commit(self) -> Any:
        with breaker.call():
            return super()._commit()  # type: ignore[misc]
