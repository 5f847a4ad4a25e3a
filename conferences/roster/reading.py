"""Reads a roster: pasted text, CSV or XLSX."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.file_kinds import is_pdf, is_picture
from confbox.kit.table_files import SEPARATOR_LINE, csv_lines, decoded_or_windows, refuse_larger
from confbox.kit.xlsx_files import is_workbook, sheets_of
from conferences.roster.columns import KNOWN, heading, is_header, is_heading, rank_of
from conferences.roster.lines import people_of
from conferences.roster.rows import Listing, listing_of, shown
from conferences.roster.tables import people_of_table

MOST_BYTES = 5 * 1024 * 1024
# How many rows of a sheet are searched for the names of its columns, which may be below a title.
HEADER_WITHIN = 20
LONGEST_HEADER = 20_000
LINE_BREAK = re.compile(r"\r\n|\r|\n")
CELL_END = re.compile(r"[,;\t|]")
Lines = Iterator[tuple[int, list[str]]]


def read_file(content: bytes, name: str) -> Listing:
    """Raises ValidationError if the file as a whole cannot be read; the message says why."""
    refuse_larger(content, MOST_BYTES)
    name = shown(name)
    if is_workbook(content):
        return _read_workbook(content, name)
    if is_picture(content):
        raise ValidationError(_("This is a picture, not a list."), code="file_refused")
    if is_pdf(content):
        raise ValidationError(_("This is a PDF, not a list."), code="file_refused")
    text, is_windows = decoded_or_windows(content, most_bytes=MOST_BYTES)
    if "\0" in text:
        raise ValidationError(
            _("The file is not encoded as UTF-8. Please save it as UTF-8."), code="file_refused"
        )
    listing = read_text(text, name)
    listing.is_windows_1252 = is_windows
    return listing


def read_text(text: str, source: str) -> Listing:
    """Reads a table if its first line names columns, otherwise one or more people on each line."""
    text = text.removeprefix("\ufeff")
    if _begins_with_header(text):
        return _read_table(csv_lines(text, is_heading), source)
    return listing_of(source, people_of(enumerate(LINE_BREAK.split(text), start=1)))


def _begins_with_header(text: str) -> bool:
    start = text[:LONGEST_HEADER]
    named = SEPARATOR_LINE.match(start)
    lines = LINE_BREAK.split(start[named.end() :] if named else start)
    first = next((line for line in lines if line.strip()), "")
    return "@" not in first and any(is_heading(cell) for cell in CELL_END.split(first))


def _read_workbook(content: bytes, source: str) -> Listing:
    """The sheet with the email addresses of the attendees: some ticket shops write several sheets."""
    sheets = [(title, *_from_header(rows)) for title, rows in sheets_of(content)]
    with_header = [(rank_of(header), title, lines) for title, header, lines in sheets if header]
    if with_header:
        _rank, title, lines = min(with_header, key=lambda found: found[0])
        return _read_table(lines, f"{source} ({title})" if len(sheets) > 1 else source)
    lines = chain.from_iterable(lines for _title, _header, lines in sheets[:1])
    return listing_of(source, people_of((line, "; ".join(cells)) for line, cells in lines))


def _from_header(lines: Lines) -> tuple[list[str], Lines]:
    """The header, empty if there is none, and the rows from it on; without a header, all rows."""
    first = list(islice(lines, HEADER_WITHIN))
    for number, (_line, cells) in enumerate(first):
        if is_header(cells):
            return cells, chain(first[number:], lines)
    return [], chain(first, lines)


def _read_table(lines: Lines, source: str) -> Listing:
    header = next(lines)
    listing = listing_of(source, people_of_table(chain([header], lines)))
    unused = {shown(cell) for cell in header[1] if heading(cell) not in KNOWN}
    listing.unused_columns = sorted(filter(None, unused))
    return listing
