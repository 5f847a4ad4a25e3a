"""Reads a file of conferences, JSON or CSV, into rows that know their line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.table_files import as_long_as, csv_lines, decoded

COLUMNS = ("name", "url", "startDate", "endDate", "city", "country", "online", "topic", "timeZone")
REQUIRED = ("name", "startDate", "endDate")
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
SPELLING = {column.lower(): column for column in COLUMNS}


@dataclass(frozen=True)
class Row:
    """One conference of the file: columns by name, or in `broken` why it has none."""

    line: int
    columns: dict[str, Any]
    broken: str = ""


def read_rows(content: bytes, name: str) -> list[Row]:
    """The rows of a file. The extension, or else the first character, determines the format.

    Raises:
        ValidationError: the file as a whole cannot be read; the message says why.
    """
    # Spreadsheets write UTF-16 with a mark; JSON is UTF-8 (RFC 8259).
    may_be_utf_16 = not name.lower().endswith(".json")
    text = decoded(content, most_bytes=MOST_BYTES, may_be_utf_16=may_be_utf_16)
    is_json = name.lower().endswith(".json") or (
        not name.lower().endswith(".csv") and text.lstrip()[:1] in ("[", "{")
    )
    rows: list[Row] = []
    for row in _json_rows(text) if is_json else _csv_rows(text):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise ValidationError(
                _("The file has more than %(most)s conferences. Please split it.") % {"most": MOST_ROWS},
                code="too_many",
            )
    if not rows:
        raise ValidationError(_("The file has no conferences."), code="file_refused")
    return rows


def _json_rows(text: str) -> Iterator[Row]:
    position, line = _skip_space(text, 0), 1
    if text[position : position + 1] != "[":
        raise ValidationError(
            _("The file must contain a list of conferences in square brackets."), code="file_refused"
        )
    counted, decoder = 0, json.JSONDecoder()
    position = _skip_space(text, position + 1)
    while text[position : position + 1] != "]":
        line, counted = line + text.count("\n", counted, position), position
        value, position = _json_value(decoder, text, position)
        yield _json_row(line, value)
        position = _skip_space(text, position)
        if text[position : position + 1] == ",":
            position = _skip_space(text, position + 1)
            if text[position : position + 1] == "]":
                raise _not_json(text, position)
        elif text[position : position + 1] != "]":
            raise _not_json(text, position)
    if _skip_space(text, position + 1) != len(text):
        raise _not_json(text, _skip_space(text, position + 1))


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _json_value(decoder: json.JSONDecoder, text: str, position: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise _not_json(text, error.pos) from error
    except (ValueError, RecursionError) as error:
        raise _not_json(text, position) from error


def _not_json(text: str, position: int) -> ValidationError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return ValidationError(
        _("Line %(line)s, column %(column)s: this is not valid JSON.") % {"line": line, "column": column},
        code="file_refused",
    )


def _json_row(line: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(line, {}, _("this is not an object in curly brackets"))
    return Row(line, value)


def _csv_rows(text: str) -> Iterator[Row]:
    header: list[str] = []
    for line, cells in csv_lines(text, lambda cell: cell.lower() in SPELLING):
        if header:
            yield _csv_row(line, header, cells)
        else:
            header = _header(cells)


def _header(cells: list[str]) -> list[str]:
    header = [SPELLING.get(cell.strip().lower(), cell.strip()) for cell in cells]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise ValidationError(
            _("The first line must name the columns. Missing: %(columns)s.")
            % {"columns": ", ".join(missing)},
            code="file_refused",
        )
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise ValidationError(
            _("The first line names a column twice: %(columns)s.") % {"columns": ", ".join(twice)},
            code="file_refused",
        )
    return header


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row:
    try:
        cells = as_long_as(header, cells)
    except ValidationError as refusal:
        return Row(line, {}, str(refusal.message))
    columns: dict[str, Any] = dict(zip(header, cells, strict=True))
    if "online" in columns:
        columns["online"] = YES_NO.get(columns["online"].strip().lower(), columns["online"])
    return Row(line, columns)


YES_NO = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}
