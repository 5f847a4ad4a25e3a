"""Pages of a list. A cursor has the sort key of the last row, so that rows added meanwhile move nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import Field

from confbox.kit.api.bodies import refuse_unstorable_text
from confbox.kit.api.fields import INSTANT, LARGEST_ID, Answer, Input, UrlCount
from confbox.kit.api.problems import invalid
from confbox.kit.walking import Place

Item = TypeVar("Item")


class Paging(Input):
    """Which part of a list is asked for."""

    limit: UrlCount = Field(20, description="How many items at most, 1 to 100.")
    cursor: str = Field("", max_length=4000, description="`next` of the page before; empty for the first.")


class Page(Answer, Generic[Item]):
    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


def page_of_rows(
    rows: QuerySet[Any, Any], paging: Paging, *, order: Sequence[str], show: Callable[[Any], Item]
) -> Page[Item]:
    """The page at the cursor. `order` are columns, none of them null, the last one unique.

    They have an index, or the rows are so few that they can be sorted for each page.
    """
    if paging.cursor:
        rows = _rows_beyond(rows, order, values_of(paging.cursor, len(order)))
    try:
        found = list(rows.order_by(*order)[: paging.limit + 1])
    except OverflowError:
        # A time that no column can have.
        raise _no_cursor() from None
    shown = found[: paging.limit]
    rest = None
    if len(found) > paging.limit:
        rest = cursor_of([getattr(shown[-1], column.lstrip("-")) for column in order])
    return Page(items=[show(row) for row in shown], next=rest)


def page_of_list(
    found: Iterable[Any],
    paging: Paging,
    *,
    place: Callable[[Any], Sequence[Any]],
    key: Callable[..., Any],
    show: Callable[[Any], Item],
) -> Page[Item]:
    """The page of what is sorted already, by the key of each one's place, of which no two are the same."""
    listed = list(found)
    if paging.cursor and listed:
        try:
            last = key(*values_of(paging.cursor, len(place(listed[0]))))
            listed = [each for each in listed if key(*place(each)) > last]
        except (AttributeError, TypeError):
            raise _no_cursor() from None
    shown = listed[: paging.limit]
    rest = cursor_of(place(shown[-1])) if len(listed) > paging.limit else None
    return Page(items=[show(each) for each in shown], next=rest)


def place_in(paging: Paging) -> Place | None:
    """After which row a page begins whose list may be walked, such as one of members; None of the first."""
    if not paging.cursor:
        return None
    values = values_of(paging.cursor, 3)
    if [type(value) for value in values] != [int, str, int] or values[0] < 0:
        raise _no_cursor()
    return Place(*values)


def page_of_places(page: tuple[Sequence[Any], Place | None], show: Callable[[Any], Item]) -> Page[Item]:
    """Such a page, of its rows and the place of the last one if there are more."""
    rows, last = page
    return Page(items=[show(row) for row in rows], next=cursor_of(last) if last else None)


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
    text = json.dumps([_plain(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    """A time is in a list, so that no text is taken for one."""
    if isinstance(value, datetime):
        return [value.isoformat()]
    return str(value) if isinstance(value, UUID) else value


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
    if isinstance(part, str):
        refuse_unstorable_text(part)
        return part
    try:
        [text] = part
        if INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise _no_cursor()


def _no_cursor() -> Exception:
    return invalid("cursor", _("This is not the cursor of a page."))
