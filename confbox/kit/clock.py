"""The database's clock, which decides what is open, because the clocks of several web servers differ."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Value
from django.db.models.functions import Cast, Now


class FixedTime(Cast):
    """MariaDB has to be told that it is a time; SQLite compares texts, which are all of one form."""

    def __init__(self, at: datetime) -> None:
        super().__init__(Value(at, DateTimeField()), DateTimeField())

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return compiler.compile(self.source_expressions[0])


# In place of no time, where rows are sorted: before or after all others, in every time zone.
EARLIEST = FixedTime(datetime(1970, 1, 2, tzinfo=UTC))
LATEST = FixedTime(datetime(9999, 12, 30, tzinfo=UTC))


class DatabaseNow(Now):
    """The time at which a row is read. On MariaDB, `Now` is when the statement began to wait for the row."""

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=CLOCK["mysql"], **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Once for the template and once for the parameters of the query.
        return self.as_sql(compiler, connection, template=CLOCK["sqlite"].replace("%", "%%%%"), **context)


# SQLite cuts off below a millisecond; rounding up keeps what was stored just now in the past.
CLOCK = {"mysql": "SYSDATE(6)", "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '+0.001 seconds')"}


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCK[connection.vendor]}")
        now = cursor.fetchone()[0]
    return (datetime.fromisoformat(now) if isinstance(now, str) else now).replace(tzinfo=UTC)
