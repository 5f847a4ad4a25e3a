"""Importing a roster in the admin: paste or upload, look, confirm. Nothing is written before that."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit import limits
from confbox.kit.tests.page import parse
from conferences.models import RosterEntry
from conferences.roster.actions import remove_entry
from conferences.roster.waiting import forget
from conferences.tests.factories import make_conference
from conferences.tests.rosters import export, workbook
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference(title="Conf 26", slug="conf-26")


@pytest.fixture
def url(conference):
    return f"/admin/conferences/conference/{conference.pk}/roster/import/"


@pytest.fixture
def paste(as_organiser, url):
    """Pastes a text; returns the URL of the preview."""
    return lambda text: as_organiser.post(url, {"text": text}).url


@pytest.fixture
def preview(as_organiser, paste):
    return lambda text: parse(as_organiser.get(paste(text)))


@pytest.fixture
def confirm(as_organiser):
    """Sends the form of the page, as it shows it."""

    def confirm(path, **typed):
        page = parse(as_organiser.get(path))
        seen = {name: page.field(name)["value"] for name in ("seen", "seen_missing")}
        return as_organiser.post(path, seen | typed, follow=True)

    return confirm


def counted(page):
    facts = page.part("dl.desk-facts")
    return dict(zip(facts.texts("dt"), map(int, facts.texts("dd")), strict=True))


def test_a_pasted_list_shows_what_would_happen_and_writes_nothing(preview):
    page = preview("Ada <ada@example.org>\ngrace@example.org")
    assert counted(page)["New"] == 2
    assert ["1", "ada@example.org", "Ada", ""] in page.rows
    assert "Import" in page.buttons
    assert RosterEntry.objects.count() == 0


def test_confirming_writes_what_was_shown(paste, confirm, organiser):
    answer = confirm(paste("Ada <ada@example.org>\ngrace@example.org"))
    assert parse(answer).messages == ["2 people added."]
    assert answer.redirect_chain[-1][0].endswith("/roster/")
    assert list(RosterEntry.objects.values_list("email", "name")) == [
        ("ada@example.org", "Ada"),
        ("grace@example.org", ""),
    ]
    assert AdminAct.objects.get().by == organiser


def test_confirming_twice_writes_once(as_organiser, paste, confirm):
    path = paste("ada@example.org")
    confirm(path)
    answer = as_organiser.post(path, follow=True)
    assert parse(answer).messages == ["This list has been imported. This is the roster."]
    assert answer.redirect_chain[-1][0].endswith("/roster/")
    assert RosterEntry.objects.count() == 1


def test_going_back_after_an_import_says_that_it_was_done(as_organiser, paste, confirm):
    path = paste("ada@example.org")
    confirm(path)
    answer = as_organiser.get(path, follow=True)
    assert parse(answer).messages == ["This list has been imported. This is the roster."]


def test_list_that_was_never_imported_and_is_gone_is_asked_for_again(as_organiser, paste, organiser):
    path = paste("ada@example.org")
    forget(person=organiser)
    answer = as_organiser.get(path, follow=True)
    assert parse(answer).messages == ["That list is no longer available. Please paste or upload it again."]


def test_the_same_list_again_says_that_there_is_nothing_to_do(paste, confirm, preview):
    confirm(paste("ada@example.org"))
    page = preview("ADA@example.org")
    assert (counted(page)["New"], counted(page)["Already there"]) == (0, 1)
    assert "There is nothing to import" in page.text
    assert "Import" not in page.buttons


def test_two_who_confirm_one_list_add_it_once_and_both_are_told(as_organiser, url, paste, confirm):
    path = paste("ada@example.org")
    other = log_in_freshly(Client(), make_organiser("other@example.org"))
    theirs = other.post(url, {"text": "ada@example.org"}).url
    page = parse(other.get(theirs))
    confirm(path)
    answer = other.post(theirs, {"seen": page.field("seen")["value"]}, follow=True)
    assert parse(answer).messages == ["Nothing was changed: everyone in the list is already on the roster."]
    assert RosterEntry.objects.count() == 1


def test_refused_rows_are_listed_and_the_text_can_be_corrected(as_organiser, paste, url):
    path = paste("ada@example.org\nnowhere\n<script>@x")
    page = parse(as_organiser.get(path))
    assert ["2", "nowhere", "", "", "There is no email address on this line."] in page.rows
    [correct] = [link for link in page.links if "again=" in link]
    assert "nowhere" in parse(as_organiser.get(correct)).field("text")["value"]
    answer = as_organiser.post(path, follow=True)
    assert parse(answer).messages[0].startswith("Nothing was imported: 2 rows are refused.")
    assert RosterEntry.objects.count() == 0


WITH_TWO_BAD_ROWS = (
    "Email,Name,Ticket\nada@example.org,Ada,T-1\nben@,Ben,T-2\ncy@@x.org,Cy,T-3\nd@example.org,,\n"
)


def test_refused_rows_are_shown_with_name_and_reference(preview):
    rows = [[*row[:4]] for row in preview(WITH_TWO_BAD_ROWS).part("#plan").rows[1:]]
    assert rows == [["3", "ben@", "Ben", "T-2"], ["4", "cy@@x.org", "Cy", "T-3"]]


def test_refused_rows_can_be_left_out_by_an_explicit_choice(as_organiser, paste, confirm):
    path = paste(WITH_TWO_BAD_ROWS)
    page = parse(as_organiser.get(path))
    assert page.texts("label[for=leaves-out-refused]") == ["Leave these 2 rows out and import the other 2"]
    assert "checked" not in page.field("leaves_out_refused")
    answer = confirm(path, leaves_out_refused="on")
    assert parse(answer).messages == ["2 people added. Left out: 2."]
    assert set(RosterEntry.objects.values_list("email", flat=True)) == {"ada@example.org", "d@example.org"}
    assert AdminAct.objects.get().what.endswith("New: 2, refused and left out: 2.")


def test_the_choice_to_leave_rows_out_counts_the_people_whom_the_import_adds(as_organiser, paste, confirm):
    path = paste("ada@example.org\nnowhere\nben@example.org\nADA@example.org")
    page = parse(as_organiser.get(path))
    figures = dict(zip(page.texts("dl.desk-facts dt"), page.texts("dl.desk-facts dd"), strict=True))
    assert (figures["New"], figures["Repeated"], figures["Refused"]) == ("2", "1", "1")
    assert page.texts("label[for=leaves-out-refused]") == ["Leave this row out and import the other 2"]
    answer = confirm(path, leaves_out_refused="on")
    assert parse(answer).messages == ["2 people added. Repeated: 1. Left out: 1."]


@pytest.fixture
def upload(as_organiser, url):
    """Uploads a file; returns the page that follows."""

    def upload(content, name="x.csv"):
        return parse(as_organiser.post(url, {"file": SimpleUploadedFile(name, content)}, follow=True))

    return upload


def test_bad_rows_of_a_file_are_to_be_corrected_in_the_file(upload):
    page = upload(WITH_TWO_BAD_ROWS.encode()).part("#plan")
    assert page.mentions("Please correct these rows in your file, then upload it again.")
    assert "Upload the corrected file" in page.texts("a.button")


def test_a_list_in_windows_1252_is_read_and_the_preview_says_so(upload):
    page = upload("Name;E-Mail\r\nJörg Müller;joerg@example.org\r\n".encode("cp1252"))
    assert page.mentions("This file was read as Windows-1252, not UTF-8.")
    assert ["2", "joerg@example.org", "Jörg Müller", ""] in page.rows
    page = upload("Name;E-Mail\r\nJörg Müller;joerg@example.org\r\n".encode())
    assert not page.mentions("Windows-1252")


def test_every_kind_of_row_is_shown(conference, preview):
    imported(conference, "Ada <ada@example.org>\ngrace@example.org\nmissing@example.org")
    remove_entry(entry=RosterEntry.objects.get(email="grace@example.org"), reason="Returned", by=BY_COMMAND)
    table = (
        "Email,Name,Status,Shoes\nada@example.org,Ada L.,,\ngrace@example.org,,,\nnew@example.org,,,\n"
        "NEW@example.org,,,\nada+1@example.org,,,\nlate@example.org,,canceled,\n,Nameless,,\n"
    )
    page = preview(table)
    assert counted(page) == {
        "New": 2,
        "Other name or reference than before": 1,
        "Removed before, back now": 1,
        "On the roster, not in the list": 1,
        "Repeated": 1,
        "Same mailbox": 1,
        "Skipped": 2,
    }
    assert "Columns that are not used: Shoes" in page.text
    assert ["2", "ada@example.org", "Ada, –", "Ada L., –"] in page.rows
    assert ["5", "NEW@example.org", "line 4 (new@example.org)"] in page.rows
    assert ["6", "ada+1@example.org", "Has the same mailbox", "ada@example.org"] in page.rows
    assert ["7", "late@example.org", "Its status is “canceled”"] in page.rows
    assert ["8", "Nameless", "It has no email address"] in page.rows
    assert ["missing@example.org", "", "", "–"] in page.rows
    [restored] = [row for row in page.rows if row[-1] == "Returned"]
    assert restored[:2] == ["3", "grace@example.org"]


def test_those_who_are_missing_stay_unless_that_is_ticked(conference, paste, confirm, preview):
    imported(conference, "ada@example.org\ngrace@example.org")
    assert "checked" not in preview("ada@example.org").field("removes_missing")
    said = parse(confirm(paste("ada@example.org"))).messages
    assert said == ["Nothing was changed: everyone in the list is already on the roster."]
    assert RosterEntry.objects.present().count() == 2
    said = parse(confirm(paste("ada@example.org"), removes_missing="on")).messages
    assert said == ["0 people added. Already there: 1. Removed: 1."]
    assert RosterEntry.objects.present().count() == 1


def test_someone_who_came_meanwhile_is_not_removed_unseen(as_organiser, conference, paste):
    imported(conference, "ada@example.org\ngrace@example.org")
    path = paste("ada@example.org")
    page = parse(as_organiser.get(path))
    make_entry(conference, "new@example.org")
    sent = {"removes_missing": "on", "seen_missing": page.field("seen_missing")["value"]}
    answer = as_organiser.post(path, sent, follow=True)
    assert "has changed since you opened this page" in parse(answer).messages[0]
    assert counted(parse(answer))["On the roster, not in the list"] == 2
    assert RosterEntry.objects.present().count() == 3


def test_a_confirmation_without_what_was_seen_is_refused_where_entries_would_change(as_organiser, paste):
    path = paste("ada@example.org")
    answer = as_organiser.post(path, follow=True)
    assert "has changed since you opened this page" in parse(answer).messages[0]


@pytest.mark.parametrize("name", ["pretix_positions.csv", "eventbrite.csv", "tito.csv", "indico.csv"])
def test_exports_of_ticket_shops_are_uploaded_as_they_come(as_organiser, url, name):
    file = SimpleUploadedFile(name, export(name))
    page = parse(as_organiser.post(url, {"file": file}, follow=True))
    assert (name in page.text, counted(page)["New"] > 0) == (True, True)


def test_a_workbook_is_uploaded(as_organiser, url):
    file = SimpleUploadedFile("a.xlsx", workbook([["Email", "Name"], ["ada@example.org", "Ada"]]))
    page = parse(as_organiser.post(url, {"file": file}, follow=True))
    assert ["2", "ada@example.org", "Ada", ""] in page.rows


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Please paste a list or choose a file: one of the two."),
        ({"text": " \n"}, "Please paste a list or choose a file: one of the two."),
        ({"text": ", . ;"}, "The list contains no email address."),
        ({"text": "\0"}, "Null characters are not allowed."),
        ({"text": "Name\nAda"}, "The first line must name the columns."),
        ({"text": "a@x.org\n" * 20_001}, "There are more than 20,000 rows."),
        ({"file": b""}, "The submitted file is empty."),
        ({"file": b"a@x.org \x81\x8d"}, "Line 1: the file is not encoded as UTF-8."),
        ({"file": b"PK\x03\x04"}, "This is not an Excel file that can be read."),
        ({"file": b"a@x.org\n" * 700_000}, "The file is too large"),
        ({"text": "a@x.org", "file": b"b@x.org"}, "Please paste a list or choose a file: one of the two."),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_on_its_page_and_the_text_stays(as_organiser, url, data, error):
    sent = {
        name: SimpleUploadedFile("x.csv", value) if name == "file" else value for name, value in data.items()
    }
    answer = as_organiser.post(url, sent)
    assert answer.status_code == 200
    page = parse(answer)
    assert [each for each in page.errors if each.startswith(error)]
    assert page.field("text")["value"].strip() == data.get("text", "").replace("\0", "�").strip()
    assert RosterEntry.objects.count() == 0


def test_another_organiser_cannot_confirm_it(client, paste, url, roles):
    path = paste("ada@example.org")
    other = log_in_freshly(Client(), make_organiser("other@example.org"))
    assert other.post(path).url == url
    assert RosterEntry.objects.count() == 0


def test_a_list_for_one_conference_is_not_one_for_another(as_organiser, paste):
    digest = paste("ada@example.org").rstrip("/").rpartition("/")[2]
    other = f"/admin/conferences/conference/{make_conference().pk}/roster/import/"
    assert as_organiser.get(f"{other}{digest}/").url == other


@pytest.mark.parametrize("digest", ["a" * 32, "x" * 3000, "ü%20"])
def test_an_unknown_list_leads_back_to_the_upload(as_organiser, url, digest):
    assert as_organiser.get(f"{url}{digest}/").url == url


def test_long_lists_are_cut_on_the_page_and_say_so(preview):
    page = preview("\n".join(f"person{number}@example.org" for number in range(450)))
    assert "The first 200 of 450 are shown." in page.text
    assert len(page.part("#content").rows) == 201


def test_imports_are_limited_and_keep_the_text(as_organiser, url):
    cache.clear()
    found = [as_organiser.post(url, {"text": "nonsense,"}).status_code for _ in range(60)]
    assert set(found) <= {200, 302}
    last = as_organiser.post(url, {"text": "my list"})
    assert (last.status_code, "my list" in parse(last).raw_text) == (429, True)
    cache.clear()
    with limits.heavy_work_lock:
        assert as_organiser.post(url, {"text": "a@x.org"}).status_code == 503
        assert as_organiser.get(url).status_code == 200
