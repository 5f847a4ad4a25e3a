"""Exports of ticket shops, with their original columns and invented people."""

from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent


def export(name):
    return (HERE / name).read_bytes()


def workbook(*sheets, title="Sheet"):
    """An XLSX file with these sheets, each a list of rows."""
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        page = book.create_sheet(f"{title} {number}")
        for row in rows:
            page.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()
