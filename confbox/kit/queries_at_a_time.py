"""A query that is asked every few seconds for the time as it is then.

For a long query, Django needs fifty times as long to write the SQL as the database to answer it, so it is
written once, with the time left open.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from django.db import connection
from django.db.models import DateTimeField, QuerySet, Value


class TimeLeftOpen(Value):
    """The time for which the query will be asked, or one that is so much later."""

    def __init__(self, later: timedelta = timedelta()) -> None:
        super().__init__(later, output_field=DateTimeField())

    def __add__(self, other: timedelta) -> "TimeLeftOpen":  # type: ignore[override]
        return TimeLeftOpen(self.value + other)

    def __sub__(self, other: timedelta) -> "TimeLeftOpen":  # type: ignore[override]
        return TimeLeftOpen(self.value - other)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class QueryAtATime:
    """`compose` is called once. It can compare the time, and add a length to it or subtract one."""

    def __init__(self, compose: Callable[[datetime], QuerySet[Any, Any]]) -> None:
        self.compose = compose

    @cached_property
    def composed(self) -> tuple[str, tuple[Any, ...]]:
        # A query shows its SQL in no other way.
        query = self.compose(cast("datetime", TimeLeftOpen())).query
        sql, parameters = query.sql_with_params()
        return sql, tuple(parameters)

    def rows(self, now: datetime) -> list[tuple[Any, ...]]:
        def at_that_time(parameter: Any) -> Any:
            if not isinstance(parameter, TimeLeftOpen):
                return parameter
            return connection.ops.adapt_datetimefield_value(now + parameter.value)

        sql, parameters = self.composed
        with connection.cursor() as cursor:
            cursor.execute(sql, [at_that_time(parameter) for parameter in parameters])
            return list(cursor.fetchall())
