"""Reading XLSX files that people upload: bounded, and every cell as text."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# Unpacked, 20,000 rows of a ticket shop have 30 MB. zipfile unpacks no more than a file declares.
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_PARTS = 500
MOST_SHEETS = 10
# What lies to the right is left out: a single cell in the last possible column makes a row of 16,384.
MOST_COLUMNS = 200


class Formula(str):
    """A cell that has a formula, as it was typed. Nothing calculates it."""

    __slots__ = ()


def is_workbook(content: bytes) -> bool:
    """Whether these bytes are an Excel file, also one that cannot be read: then `sheets_of` says why."""
    return content.startswith((ZIP, OLE))


def sheets_of(content: bytes) -> list[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """The name of each sheet, and its rows that are not blank, each with its number.

    Raises:
        ValidationError: it cannot be read, which may only show in the middle of a sheet.
    """
    if content.startswith(OLE):
        raise ValidationError(
            _(
                "This Excel file has a password or is in an old format. Please save it as XLSX without a "
                "password."
            ),
            code="file_refused",
        )
    _refuse_bombs(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise _unreadable() from error
    return [(sheet.title, _rows(sheet)) for sheet in book.worksheets[:MOST_SHEETS]]


def _refuse_bombs(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as packed:
            parts = packed.infolist()
    except (BadZipFile, ValueError, OSError) as error:
        raise _unreadable() from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise ValidationError(
            _("This Excel file is too large once it is unpacked. Please save its sheet as CSV."),
            code="file_refused",
        )


def _unreadable() -> ValidationError:
    return ValidationError(
        _("This is not an Excel file that can be read. Please save it as XLSX or CSV."), code="file_refused"
    )


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        # What a file says of its size need not be so.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                yield number, cells
    except ValidationError:
        raise
    except Exception as error:
        raise _unreadable() from error


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
