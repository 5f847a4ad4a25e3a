"""Queries that are asked very often: their SQL is written once, and then gets other values.

Writing the SQL of a queryset takes Django several times as long as the database takes to answer it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import local
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet, Value

# Internal to Django, as there is no public way to make objects of a joined row. The tests of this module and
# of each compiled query compare with what Django itself reads.
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Parameter:
    name: str
    place: int | None = None

    # What is added to a time.
    later: timedelta | None = None

    def value_of(self, values: dict[str, Any]) -> Any:
        """Fewer values than there are places repeat the last one, which changes nothing in a list."""
        found = values[self.name]
        if self.later is not None:
            return connection.ops.adapt_datetimefield_value(found + self.later)
        return found if self.place is None else found[min(self.place, len(found) - 1)]


def parameter(name: str) -> Value:
    """Takes the place of a number or a text in a filter."""
    return Value(Parameter(name))


def parameters(name: str, count: int) -> Any:
    """As `parameter`, for a filter `__in` with one to `count` values."""
    return [Value(Parameter(name, place)) for place in range(count)]


class CompiledQuery(Generic[M]):
    """A queryset with a `parameter` for each value that differs from call to call.

    It is made when it is first needed, so that a module can define it without a database.
    """

    def __init__(self, queryset: Callable[[], QuerySet[M, Any]]) -> None:
        self.queryset = queryset
        # A connection, whose way of reading values is compiled too, is that of one thread.
        self.of_thread = local()

    def all(self, **values: Any) -> list[M]:
        return [self._statement().object_of(row) for row in self.rows(**values)]

    def first(self, **values: Any) -> M | None:
        return next(iter(self.all(**values)), None)

    def rows(self, **values: Any) -> Iterable[list[Any]]:
        """Of the columns that the queryset reads, such as those of `values_list`."""
        return self._statement().read(values)

    def object_of(self, row: list[Any]) -> M:
        """The object that `all` makes of one of the `rows`."""
        made: M = self._statement().object_of(row)
        return made

    def _statement(self) -> "_Statement":
        if not hasattr(self.of_thread, "statement"):
            self.of_thread.statement = _Statement(self.queryset())
        found: _Statement = self.of_thread.statement
        return found


@dataclass
class _Statement:
    queryset: QuerySet[Any, Any]
    compiler: Any = field(init=False)

    def __post_init__(self) -> None:
        self.compiler = self.queryset.query.get_compiler(connection.alias)
        self.sql, self.parameters = self.compiler.as_sql()
        self.names = {given.name for given in self.parameters if isinstance(given, Parameter)}
        self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select])
        if self.compiler.klass_info:
            self._prepare_objects(self.compiler.select, self.compiler.klass_info)

    def _prepare_objects(self, select: Sequence[Any], known: dict[str, Any]) -> None:
        self.columns = slice(known["select_fields"][0], known["select_fields"][-1] + 1)
        self.attributes = [column.target.attname for column, *_ in select[self.columns]]
        # The stubs are those of a later Django.
        self.joined = get_related_populators(known, select, connection.alias)  # type: ignore[call-arg]
        self.annotations = (self.compiler.annotation_col_map or {}).items()

    def read(self, values: dict[str, Any]) -> Iterable[list[Any]]:
        if values.keys() != self.names:
            raise TypeError(f"The query needs {sorted(self.names)} and got {sorted(values)}.")
        filled = [p.value_of(values) if isinstance(p, Parameter) else p for p in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled)
            rows = cursor.fetchall()
        found: Iterable[list[Any]] = self.compiler.apply_converters(rows, self.converters)
        return found

    def object_of(self, row: list[Any]) -> Any:
        made = self.queryset.model.from_db(connection.alias, self.attributes, row[self.columns])
        for each in self.joined:
            each.populate(row, made)
        for name, place in self.annotations:
            setattr(made, name, row[place])
        return made
