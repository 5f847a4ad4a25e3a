"""JSON bodies, read so that every program reads them in the same way."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from confbox.kit.api.problems import Problem

MOST_BYTES = 1024 * 1024
DEEPEST = 32


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        try:
            text = request.body.decode()
            found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Problem("unreadable", _("The body is not JSON in UTF-8, or has a name twice.")) from None
        _refuse_unstorable(found, 0)
        return found


def _once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) < len(listed):
        raise ValueError("a name twice")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _refuse_unstorable(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise Problem("unreadable", _("The body is nested too deeply."))
    if isinstance(value, str):
        refuse_unstorable_text(value)
    elif isinstance(value, list):
        for part in value:
            _refuse_unstorable(part, depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            refuse_unstorable_text(name)
            _refuse_unstorable(part, depth + 1)


def refuse_unstorable_text(text: str) -> None:
    """NUL, and half a character (a lone surrogate)."""
    if "\0" in text or not _is_whole(text):
        raise Problem("unreadable", _("A text has a character that cannot be stored."))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
