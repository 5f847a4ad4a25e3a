"""A query that is asked every few seconds for the time as it is then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import DateTimeField, QuerySet, Value

from confbox.kit.compiled_queries import CompiledQuery, Parameter


class TimeLeftOpen(Value):
    """The time for which the query will be asked, or one that is so much later."""

    def __init__(self, later: timedelta = timedelta()) -> None:
        super().__init__(later, output_field=DateTimeField())

    def __add__(self, other: timedelta) -> "TimeLeftOpen":  # type: ignore[override]
        return TimeLeftOpen(self.value + other)

    def __sub__(self, other: timedelta) -> "TimeLeftOpen":  # type: ignore[override]
        return TimeLeftOpen(self.value - other)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [Parameter("now", later=self.value)]


class QueryAtATime:
    """`compose` is called once in each thread. It can compare the time, and add or subtract a length."""

    def __init__(self, compose: Callable[[datetime], QuerySet[Any, Any]]) -> None:
        self.query = CompiledQuery(lambda: compose(cast("datetime", TimeLeftOpen())))

    def rows(self, now: datetime) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.query.rows(now=now)]
