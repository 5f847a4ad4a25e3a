"""Exports show what was typed, and no cell of one acts as a formula."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.spreadsheets import sheet, workbook

HARMLESS = [
    *("+46 8 123 45 67", "+1 (555) 123-4567", "+4681234567", "-5", "-1,234.56", "+0", "-", "- 5"),
    *("Anne-Marie +1", "1+1", "a=b", "me@example.org", "50 %", "nurse; teacher", "x\ny", "O'Brien"),
]
DANGEROUS = [
    *("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+A1", "-A1"),
    *("\t=1+1", "\r=1+1", "  =1+1", "\n=1+1", "\xa0=1+1", "|x", "%x", "＝1+1", "＋A1", "－A1", "＠x"),
    *("x;=1+1", "x; =1+1", "x\t=1+1", "x\n=1+1", "x;+A1", "+46 8 1;=1+1"),
]


def csv_cell(value):
    content = sheet("x", ["a", "b"], [[value, "end"]]).content.decode("utf-8-sig")
    (_head, (cell, end)) = csv.reader(StringIO(content, newline=""))
    assert end == "end"
    return cell


@pytest.mark.parametrize("typed", HARMLESS)
def test_what_can_do_no_harm_stays_as_it_was_typed(typed):
    assert csv_cell(typed) == typed


@pytest.mark.parametrize("typed", DANGEROUS)
def test_no_cell_begins_as_a_formula_whatever_ends_a_cell(typed):
    content = sheet("x", ["a"], [[typed]]).content.decode("utf-8-sig")
    for ends in (",", ";", "\t"):
        cells = [cell.strip() for row in csv.reader(content.splitlines(), delimiter=ends) for cell in row]
        formulas = [
            cell for cell in cells if cell[:1] in set("=@|%＝＋－＠") or cell[:2] in ("+A", "-A", "+c")
        ]
        assert formulas == []


@pytest.mark.parametrize("typed", [*HARMLESS, *DANGEROUS])
def test_workbook_holds_every_text_as_a_text(typed):
    page = load_workbook(BytesIO(workbook("x", ["a"], [[typed]]).content)).active
    assert page["A2"].data_type == "s"
    assert page["A2"].value == typed.replace("\r", "\n")


def test_number_stays_a_number():
    assert csv_cell(-5) == "-5"
    assert load_workbook(BytesIO(workbook("x", ["a"], [[-5]]).content)).active["A2"].data_type == "n"


def test_phone_number_of_an_export_is_as_it_was_typed(client, roles):
    superuser = log_in_freshly(client, make_organiser("organiser@example.org", is_superuser=True))
    person = make_user("sven@example.org", phone="+46 8 123 45 67")
    asked = {"action": "export_selected", "_selected_action": [person.pk]}
    content = superuser.post("/admin/accounts/user/", asked).content.decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(content))
    assert row["phone"] == "+46 8 123 45 67"
