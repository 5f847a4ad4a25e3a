"""Reads tables from files as spreadsheets write them."""

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from io import StringIO

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

DELIMITERS = ",;\t|"
# What spreadsheets write in the first line to announce the delimiter.
SEPARATOR_LINE = re.compile(r'\s*"?sep=(?P<delimiter>[,;\t|])"?[ \t,;]*(?:\r\n|\r|\n)', re.IGNORECASE)


def decoded(content: bytes, *, most_bytes: int, may_be_utf_16: bool = True) -> str:
    """Text in UTF-8, or in UTF-16 with a byte order mark where that may be.

    Raises:
        ValidationError: too large, empty, or in another encoding.
    """
    refuse_larger(content, most_bytes)
    try:
        is_utf_16 = may_be_utf_16 and content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        text = content.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValidationError(
            _("Line %(line)s: the file is not encoded as UTF-8. Please save it as UTF-8.") % {"line": line},
            code="file_refused",
        ) from error
    if not text.strip():
        raise ValidationError(_("The file is empty."), code="file_refused")
    return text


def decoded_or_windows(content: bytes, *, most_bytes: int) -> tuple[str, bool]:
    """Text as for `decoded`, else in Windows-1252 as older spreadsheets save it; and whether it was that.

    Raises:
        ValidationError: too large, empty, or in another encoding.
    """
    try:
        return decoded(content, most_bytes=most_bytes), False
    except ValidationError as refusal:
        if not isinstance(refusal.__cause__, UnicodeDecodeError) or b"\0" in content:
            raise
        try:
            return content.decode("cp1252"), True
        except UnicodeDecodeError:
            raise refusal from refusal.__cause__


def refuse_larger(content: bytes, most_bytes: int) -> None:
    if len(content) > most_bytes:
        raise ValidationError(
            _("The file is too large: at most %(most)s.") % {"most": filesizeformat(most_bytes)},
            code="file_refused",
        )


def csv_lines(text: str, is_column: Callable[[str], bool]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its first line.

    The delimiter is the one with which most cells of the first line are names of columns.

    Raises:
        ValidationError: this is not CSV.
    """
    named = SEPARATOR_LINE.match(text)
    text, before = (text[named.end() :], 1) if named else (text, 0)
    delimiter = named["delimiter"] if named else _delimiter(text, is_column)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValidationError(
                _("Line %(line)s: this is not valid CSV; perhaps a quotation mark is missing.")
                % {"line": line},
                code="file_refused",
            ) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _delimiter(text: str, is_column: Callable[[str], bool]) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=lambda d: len({c for c in _cells(first, d) if is_column(c)}))


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip(' "\r') for cell in line.split(delimiter)]


def as_long_as(header: list[str], cells: list[str]) -> list[str]:
    """Fits a row to the header: spreadsheets leave out its last empty cells, or write more of them.

    Raises:
        ValidationError: the row has more cells than that.
    """
    cells = [*cells, *[""] * (len(header) - len(cells))]
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        raise ValidationError(
            _("%(cells)s cells, but the first line names %(columns)s columns")
            % {"cells": len(cells), "columns": len(header)},
            code="rows_refused",
        )
    return cells
