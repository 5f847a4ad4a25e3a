"""Original exports of ticket shops: the attendees, without those who returned their ticket."""

import csv

import pytest

from conferences.roster.reading import read_file
from conferences.tests.rosters import export, workbook


def people(listing):
    return [(row.email, row.name, row.reference) for row in listing.rows]


MIRA = ("mira@example.org", "Mira Sandoval")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "pretix_positions.csv",
            [
                (*MIRA, "QWX7Z-1"),
                ("tomas@example.org", "Tomas Reyes", "QWX7Z-2"),
                ("ines@example.org", "", "P8L2B-1"),
            ],
        ),
        ("pretix_positions_de.csv", [("joerg@example.org", "Jörg Müller", "QWX7Z-1")]),
        ("pretix_checkin.csv", [(*MIRA, "QWX7Z")]),
        ("eventbrite.csv", [("Mira@Example.org", "Mira Sandoval", "1001001001")]),
        ("eventbrite_surname.csv", [("ines@example.org", "Ines Okafor", "1001001003")]),
        ("tito.csv", [(*MIRA, "ABCD-1"), ("office@example.org", "Office", "ABCD-2")]),
        ("indico.csv", [(*MIRA, "1")]),
    ],
)
def test_those_who_attend_are_read_with_name_and_ticket(name, expected):
    listing = read_file(export(name), name)
    assert people(listing) == expected
    assert listing.refused == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pretix_positions.csv", ["Line 4 (late@example.org): its status is “canceled”"]),
        ("pretix_positions_de.csv", ["Line 3 (anna@example.org): its status is “storniert”"]),
        ("eventbrite.csv", ["Line 4 (tomas@example.org): its status is “Not Attending”"]),
        ("tito.csv", ["Line 4 (tomas@example.org): its ticket is void"]),
        ("indico.csv", ["Line 3 (tomas@example.org): its status is “Withdrawn”"]),
    ],
)
def test_a_ticket_that_is_none_any_more_is_left_out_and_said(name, expected):
    assert [str(row) for row in read_file(export(name), name).left_out] == expected


@pytest.mark.parametrize("name", ["pretix_positions.csv", "tito.csv"])
def test_a_ticket_without_an_address_counts_for_its_buyer_and_that_is_said(name):
    listing = read_file(export(name), name)
    assert listing.of_buyers == (1 if name == "tito.csv" else 0)


def test_of_the_sheets_of_pretix_the_one_with_the_attendees_is_read():
    orders = [
        ["Event slug", "Order code", "Status", "Email"],
        ["conf26", "QWX7Z", "paid", "office@example.org"],
    ]
    positions = list(csv.reader(export("pretix_positions.csv").decode().splitlines()))
    fees = [["Event slug", "Order code", "Status", "Email", "Fee type"]]
    listing = read_file(workbook(orders, positions, fees, title="Orders"), "conf26_orders.xlsx")
    assert [row.email for row in listing.rows] == [
        "mira@example.org",
        "tomas@example.org",
        "ines@example.org",
    ]
    assert listing.source == "conf26_orders.xlsx (Orders 2)"
