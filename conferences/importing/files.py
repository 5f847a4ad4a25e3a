"""Reading a file of conferences, JSON or CSV, into rows that know their line."""

import csv
import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

COLUMNS = ("name", "url", "startDate", "endDate", "city", "country", "online", "topic", "timeZone")
REQUIRED = ("name", "startDate", "endDate")
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
DELIMITERS = ",;\t|"
# What spreadsheets write first to tell one another the delimiter.
SEPARATOR_LINE = re.compile(r'\s*"?sep=(?P<delimiter>[,;\t|])"?[ \t,;]*(?:\r\n|\r|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One conference of the file: columns by name, or in `broken` why there are none."""

    line: int
    columns: dict[str, Any]
    broken: str = ""


def read_rows(content: bytes, name: str) -> list[Row]:
    """The rows of a file; its name's ending, or else its first character, tells the format.

    Raises:
        ValidationError: the file as a whole cannot be read; the message says why.
    """
    text = _decoded(content, may_be_utf_16=not name.lower().endswith(".json"))
    is_json = name.lower().endswith(".json") or (
        not name.lower().endswith(".csv") and text.lstrip()[:1] in ("[", "{")
    )
    rows: list[Row] = []
    for row in _json_rows(text) if is_json else _csv_rows(text):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise ValidationError(
                _("The file has more than %(most)s conferences. Please split it.") % {"most": MOST_ROWS}
            )
    if not rows:
        raise ValidationError(_("The file has no conferences."))
    return rows


def _decoded(content: bytes, *, may_be_utf_16: bool) -> str:
    """Spreadsheets write UTF-16 with a mark; JSON is UTF-8 (RFC 8259)."""
    if len(content) > MOST_BYTES:
        raise ValidationError(
            _("The file is too large: at most %(most)s.") % {"most": filesizeformat(MOST_BYTES)}
        )
    try:
        is_utf_16 = may_be_utf_16 and content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        text = content.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValidationError(
            _("Line %(line)s: the file is not encoded as UTF-8. Please save it as UTF-8.") % {"line": line}
        ) from error
    if not text.strip():
        raise ValidationError(_("The file is empty."))
    return text


def _json_rows(text: str) -> Iterator[Row]:
    position, line = _skip_space(text, 0), 1
    if text[position : position + 1] != "[":
        raise ValidationError(_("The file must hold a list of conferences in square brackets."))
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
        _("Line %(line)s, column %(column)s: this is not valid JSON.") % {"line": line, "column": column}
    )


def _json_row(line: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(line, {}, _("this is not an object in curly brackets"))
    return Row(line, value)


def _csv_rows(text: str) -> Iterator[Row]:
    named = SEPARATOR_LINE.match(text)
    text, before = (text[named.end() :], 1) if named else (text, 0)
    delimiter = named["delimiter"] if named else _delimiter(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1 + before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValidationError(
                _("Line %(line)s: this is not valid CSV; perhaps a quotation mark is missing.")
                % {"line": line}
            ) from error
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            yield _csv_row(line, header, cells)
        else:
            header = _header(cells)


def _delimiter(text: str) -> str:
    """The delimiter under which the first line names most of our columns."""
    first = text.lstrip().partition("\n")[0].lower()
    known = {column.lower() for column in COLUMNS}
    return max(DELIMITERS, key=lambda d: len(known & {cell.strip(' "\r') for cell in first.split(d)}))


def _header(cells: list[str]) -> list[str]:
    spelling = {column.lower(): column for column in COLUMNS}
    header = [spelling.get(cell.strip().lower(), cell.strip()) for cell in cells]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise ValidationError(
            _("The first line must name the columns. Missing: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise ValidationError(
            _("The first line names a column twice: %(columns)s.") % {"columns": ", ".join(twice)}
        )
    return header


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row:
    """Spreadsheets leave out a row's last empty cells, or write more of them than the first line has."""
    cells += [""] * (len(header) - len(cells))
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        return Row(
            line,
            {},
            _("%(cells)s cells, but the first line names %(columns)s columns")
            % {"cells": len(cells), "columns": len(header)},
        )
    columns: dict[str, Any] = dict(zip(header, cells, strict=True))
    if "online" in columns:
        columns["online"] = YES_NO.get(columns["online"].strip().lower(), columns["online"])
    return Row(line, columns)


YES_NO = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}
