"""Pages of a list. A cursor has the sort key of the last row, so that rows added meanwhile move nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import Field

from confbox.kit.api.bodies import refuse_unstorable_text
from confbox.kit.api.fields import INSTANT, LARGEST_ID, Answer, Input, UrlCount
from confbox.kit.api.problems import invalid

Item = TypeVar("Item")


class Paging(Input):
    """Which part of a list is asked for."""

    limit: UrlCount = Field(20, description="How many items at most, 1 to 100.")
    cursor: str = Field("", max_length=1000, description="`next` of the page before; empty for the first.")


class Page(Answer, Generic[Item]):
    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


def page_of_rows(
    rows: QuerySet[Any, Any], paging: Paging, *, order: Sequence[str], show: Callable[[Any], Item]
) -> Page[Item]:
    """The page at the cursor. `order` are columns, the last one unique; all of them have an index."""
    if paging.cursor:
        rows = _rows_beyond(rows, order, values_of(paging.cursor, len(order)))
    found = list(rows.order_by(*order)[: paging.limit + 1])
    shown = found[: paging.limit]
    rest = None
    if len(found) > paging.limit:
        rest = cursor_of([getattr(shown[-1], column.lstrip("-")) for column in order])
    return Page(items=[show(row) for row in shown], next=rest)


def place_in(paging: Paging) -> str:
    """The place at which a page begins whose list is found by `page_at`, such as a list of members."""
    return str(values_of(paging.cursor, 1)[0]) if paging.cursor else ""


def page_of_places(page: Any, show: Callable[[Any], Item]) -> Page[Item]:
    """Such a page, of which `Page` and `WalkedPage` know where the next one begins."""
    rest = cursor_of([page.next_page_number()]) if page.has_next() else None
    return Page(items=[show(row) for row in page.object_list], next=rest)


def _rows_beyond(rows: QuerySet[Any, Any], order: Sequence[str], values: Sequence[Any]) -> QuerySet[Any, Any]:
    """Columns refuse values of another kind, such as a text in place of a time, each in a way of its own."""
    try:
        return rows.filter(_beyond(order, values))
    except (TypeError, ValueError, ValidationError):
        raise _no_cursor() from None


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """After these values: greater in the first column, or the same there and greater in the next."""
    found = Q()
    for number in range(len(order)):
        same = {c.lstrip("-"): v for c, v in zip(order[:number], values[:number], strict=True)}
        side = "lt" if order[number].startswith("-") else "gt"
        found |= Q(**same, **{f"{order[number].lstrip('-')}__{side}": values[number]})
    return found


def cursor_of(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def values_of(cursor: str, count: int) -> list[Any]:
    """What `cursor_of` was given; anything else is refused."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        plain = None
    if not isinstance(plain, list) or len(plain) != count:
        raise _no_cursor()
    return [_value(part) for part in plain]


def _value(part: Any) -> Any:
    if type(part) is int and abs(part) <= LARGEST_ID:
        return part
    if not isinstance(part, str):
        raise _no_cursor()
    refuse_unstorable_text(part)
    if not INSTANT.fullmatch(part):
        return part
    try:
        return datetime.fromisoformat(part).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_cursor() from None


def _no_cursor() -> Exception:
    return invalid("cursor", _("This is not the cursor of a page."))
