"""CSV and XLSX files."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What makes a spreadsheet read a cell as a formula, including the full-width forms of East Asian keyboards.
OPENERS = frozenset("=@|%+-＝＠＋－")
# A phone number or an amount, which is harmless in a spreadsheet.
FIGURES = re.compile(r"[+-][\d ().,/-]*")
# Where a comma is the decimal mark, spreadsheets may end a cell at these, even inside quotes.
CELL_ENDS = re.compile(r"([;\t\r\n])")


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file to download, in which no cell can act as a formula when a spreadsheet opens it."""
    response = _download(f"{name}-{timezone.now():%Y-%m-%d}.csv", "text/csv; charset=utf-8")
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return response


def _cell(value: Any) -> Any:
    """The text as it was typed, with an apostrophe before each place at which a formula could begin."""
    if not isinstance(value, str):
        return value
    return "".join(map(_without_formula, CELL_ENDS.split(value.lstrip())))


def _without_formula(text: str) -> str:
    words = text.strip()
    is_formula = words[:1] in OPENERS and words and not FIGURES.fullmatch(words)
    return f"'{text.lstrip()}" if is_formula else text


def workbook(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """An XLSX file to download, in which every text is text, whatever it begins with."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in (head, *rows):
        page.append([_text_or_number(page, value) for value in row])
    written = BytesIO()
    book.save(written)
    response = _download(f"{name}-{timezone.now():%Y-%m-%d}.xlsx", XLSX)
    response.write(written.getvalue())
    return response


def _text_or_number(page: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def _download(file: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
