"""What a migration takes away from code that was released before it."""

import re
from collections.abc import Iterator

from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# A column of the first kind can become one of the second: all values of before fit.
WIDENS = {
    ("PositiveSmallIntegerField", "PositiveIntegerField"),
    ("PositiveSmallIntegerField", "IntegerField"),
    ("PositiveSmallIntegerField", "BigIntegerField"),
    ("PositiveIntegerField", "BigIntegerField"),
    ("PositiveIntegerField", "PositiveBigIntegerField"),
    ("SmallIntegerField", "IntegerField"),
    ("SmallIntegerField", "BigIntegerField"),
    ("IntegerField", "BigIntegerField"),
    ("CharField", "TextField"),
}
REMOVED = re.compile(r"\b(?:DROP|RENAME|CHANGE|MODIFY|TRUNCATE)\b(.*?)(?:;|\Z)", re.IGNORECASE | re.DOTALL)


def faults_of(operation: Operation, app: str, before: ProjectState, released: ProjectState) -> Iterator[str]:
    """Why code that knows the tables of `released` would fail after the operation."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        state = before.clone()
        for part in operation.database_operations:
            yield from faults_of(part, app, state, released)
            part.state_forwards(app, state)
    elif isinstance(operation, migrations.RunSQL):
        yield from faults_of_sql(operation, released)
    elif isinstance(operation, migrations.DeleteModel | migrations.RenameModel):
        name = getattr(operation, "old_name", None) or operation.name
        if (app, name.lower()) in released.models:
            yield f"{name} is a table of the previous release"
    elif isinstance(operation, migrations.AlterModelTable):
        yield f"{operation.name} is renamed"
    elif isinstance(operation, migrations.RemoveField | migrations.RenameField):
        name = getattr(operation, "old_name", None) or operation.name
        if field_of(released, app, operation.model_name, name):
            yield f"{operation.model_name}.{name} is a column of the previous release"
    elif isinstance(operation, migrations.AddField | migrations.AlterField):
        yield from faults_of_field(operation, app, before, released)
    elif isinstance(operation, migrations.AddConstraint | migrations.AlterUniqueTogether):
        yield from faults_of_constraint(operation, app, released)


def field_of(state: ProjectState, app: str, model: str, name: str) -> models.Field | None:
    found = state.models.get((app, model.lower()))
    return found.fields.get(name) if found else None


def faults_of_field(
    operation: migrations.AddField | migrations.AlterField,
    app: str,
    before: ProjectState,
    released: ProjectState,
) -> Iterator[str]:
    new, what = operation.field, f"{operation.model_name}.{operation.name}"
    if (app, operation.model_name.lower()) not in released.models:
        return
    old = field_of(released, app, operation.model_name, operation.name)
    if old is None:
        if not (new.null or new.many_to_many or new.has_db_default() or getattr(new, "generated", False)):
            yield f"{what} needs null=True or db_default: the previous release does not write it"
        if new.unique and not new.many_to_many and not new.null:
            yield f"{what} is unique, so the previous release can write one row"
        return
    yield from faults_of_change(old, new, what)


def faults_of_constraint(
    operation: migrations.AddConstraint | migrations.AlterUniqueTogether, app: str, released: ProjectState
) -> Iterator[str]:
    """The previous release writes nothing into a table that it does not know."""
    is_together = isinstance(operation, migrations.AlterUniqueTogether)
    model = operation.name_lower if is_together else operation.model_name_lower
    name = operation.name if is_together else operation.constraint.name
    takes_away = is_together and not operation.option_value
    if (app, model) in released.models and not takes_away:
        yield f"{name} refuses rows that the previous release may write"


def faults_of_change(old: models.Field, new: models.Field, what: str) -> Iterator[str]:
    kinds = (old.get_internal_type(), new.get_internal_type())
    if kinds[0] != kinds[1] and kinds not in WIDENS:
        yield f"{what} was a {kinds[0]} in the previous release"
    if old.null and not new.null:
        yield f"{what} may be empty in the previous release"
    if new.unique and not old.unique:
        yield f"{what} may be the same in two rows of the previous release"
    if (old.db_column or old.name) != (new.db_column or new.name):
        yield f"{what} is renamed"
    for limit in ("max_length", "max_digits", "decimal_places"):
        was, is_now = getattr(old, limit, None), getattr(new, limit, None)
        # A text without a limit has None.
        if is_now is not None and kinds[1] != "TextField" and is_now < (was or 0):
            yield f"{what} is shorter than in the previous release"


def faults_of_sql(operation: migrations.RunSQL, released: ProjectState) -> Iterator[str]:
    """Only a name that the previous release knows can be missed."""
    known = names_of(released)
    for statement in statements_of(operation.sql):
        for removed in REMOVED.findall(statement):
            for name in sorted(known & set(re.findall(r"\w+", removed.lower()))):
                yield f"SQL removes or changes {name}, which the previous release knows"


def statements_of(sql: object) -> list[str]:
    parts = [sql] if isinstance(sql, str) else list(sql)
    return [part if isinstance(part, str) else part[0] for part in parts]


def names_of(state: ProjectState) -> set[str]:
    """Tables and columns."""
    names = set()
    for model in state.apps.get_models(include_auto_created=True):
        names.add(model._meta.db_table.lower())
        names |= {field.column.lower() for field in model._meta.local_concrete_fields}
    return names
