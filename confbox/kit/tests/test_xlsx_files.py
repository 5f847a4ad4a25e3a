"""Workbooks that are made to do harm cost little and are refused in words."""

import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from confbox.kit.xlsx_files import MOST_COLUMNS, Formula, sheets_of


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def with_sheet(xml, content=None):
    """The same workbook with this XML as its sheet."""
    written = BytesIO()
    with ZipFile(BytesIO(content or workbook(["x"]))) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name.endswith("sheet1.xml") else old.read(name))
    return written.getvalue()


def rows(content):
    return [row for _title, lines in sheets_of(content) for row in lines]


def test_every_cell_is_a_text_and_empty_rows_are_passed_over():
    content = workbook(["a", None, 1.0, 2.5, True], [], [None, "=1+1"])
    assert rows(content) == [(1, ["a", "", "1", "2.5", "True"]), (3, ["", "=1+1"])]
    assert isinstance(rows(content)[1][1][1], Formula)


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = with_sheet(b" " * 100_000_000)
    assert len(bomb) < 200_000
    started = time.process_time()
    with pytest.raises(ValidationError, match="too large once it is unpacked"):
        sheets_of(bomb)
    assert time.process_time() - started < 1


def test_a_cell_in_the_last_column_makes_no_wide_rows():
    cell = '<row r="{0}"><c r="XFD{0}" t="inlineStr"><is><t>x</t></is></c><c r="A{0}"/></row>'
    xml = "".join(cell.format(number) for number in range(1, 2001))
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    content = with_sheet(f'{start}<dimension ref="A1:XFD1048576"/><sheetData>{xml}</sheetData></worksheet>')
    started = time.process_time()
    assert all(len(cells) <= MOST_COLUMNS for _number, cells in rows(content))
    assert time.process_time() - started < 5


def test_entities_that_grow_are_refused():
    grown = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    names = '<!ENTITY e0 "ha">' + "".join(grown)
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e11;</t></is></c></row></sheetData></worksheet>'
    with pytest.raises(ValidationError, match="not an Excel file that can be read"):
        rows(with_sheet(f"<!DOCTYPE x [{names}]>{start}{cell}"))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_without_one_of_its_parts_is_refused_in_words(part):
    written = BytesIO()
    with ZipFile(BytesIO(workbook(["x"]))) as old, ZipFile(written, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
    with pytest.raises(ValidationError, match="not an Excel file that can be read"):
        rows(written.getvalue())


def test_a_workbook_that_ends_in_the_middle_is_refused_in_words():
    content = workbook(*[[f"cell {n}"] for n in range(1000)])
    with pytest.raises(ValidationError, match="not an Excel file that can be read"):
        rows(with_sheet(ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")[:5000], content))
