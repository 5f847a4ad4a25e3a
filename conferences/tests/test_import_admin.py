import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AdminAct
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.test_import_conferences import REAL, ROW, row

pytestmark = pytest.mark.django_db

URL = "/admin/conferences/conference/import/"


def upload(client, content, *, name="file.json", status="draft", **options):
    if isinstance(content, list):
        content = json.dumps(content).encode()
    return client.post(URL, {"file": SimpleUploadedFile(name, content), "status": status}, **options)


def test_the_list_of_conferences_leads_to_the_import(as_organiser):
    assert URL in parse(as_organiser.get("/admin/conferences/conference/")).links


def test_an_upload_shows_what_would_happen_and_writes_nothing(as_organiser):
    answer = upload(as_organiser, REAL.read_bytes(), follow=True)
    assert "393 new conferences" in parse(answer).text
    assert "IdentityShield Summit" in parse(answer).text
    assert not Conference.objects.exists()


def test_preview_says_where_the_place_is_not_known(as_organiser):
    rows = [row(name="A", city="Atlantis", country="Nowhere"), row(name="B"), row(name="C", timeZone="UTC")]
    page = upload(as_organiser, rows, follow=True)
    assert parse(page).text.count("UTC, because the time zone of the place is not known") == 1


def test_confirming_imports_what_was_shown(as_organiser, organiser):
    preview = upload(as_organiser, [row()], status="active").url
    answer = as_organiser.post(preview, follow=True)
    assert "1 conference imported. Already there: 0." in parse(answer).text
    conference = Conference.objects.get()
    assert (conference.status, conference.created_by) == ("active", organiser)
    assert LogEntry.objects.get().get_change_message() == "Imported from file.json."
    assert AdminAct.objects.get().act == "import"


def test_confirming_twice_imports_once(as_organiser):
    preview = upload(as_organiser, [row()]).url
    as_organiser.post(preview)
    answer = as_organiser.post(preview, follow=True)
    assert "no longer available" in parse(answer).text
    assert Conference.objects.count() == 1


def test_a_file_that_is_there_already_offers_nothing_to_confirm(as_organiser):
    as_organiser.post(upload(as_organiser, [row()]).url)
    answer = upload(as_organiser, [row()], follow=True)
    assert "There is nothing to import" in parse(answer).text


def test_bad_rows_are_listed_and_cannot_be_imported(as_organiser):
    preview = upload(as_organiser, [row(name="Evil <script>", startDate="soon"), row(name="\ud800")]).url
    text = parse(as_organiser.get(preview))
    assert "2 rows with errors" in text.text
    assert "Evil <script>" in text.text
    answer = as_organiser.post(preview, follow=True)
    assert "startDate must be a date such as 2027-03-31" in parse(answer).text
    assert not Conference.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The submitted file is empty."),
        (b"{}", "The file must contain a list of conferences"),
        (b"\xff\xfe", "not encoded as UTF-8"),
        (b"[" + b" " * 6_000_000 + b"]", "The file is too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_its_page(as_organiser, content, reason):
    answer = upload(as_organiser, content)
    assert answer.status_code == 200
    assert reason in parse(answer).text


@pytest.mark.parametrize("data", [{}, {"file": "text"}, {"status": "inactive"}])
def test_a_form_without_a_file_or_a_known_status_is_refused(as_organiser, data):
    answer = as_organiser.post(URL, data)
    assert answer.status_code == 200
    assert parse(answer).errors


def test_another_organiser_cannot_confirm_it(as_organiser, client):
    preview = upload(as_organiser, [row()]).url
    client.force_login(make_organiser("other@example.org"))
    assert client.post(preview).url == URL
    assert not Conference.objects.exists()


def test_staff_without_the_permission_may_not_import(client):
    client.force_login(make_user("staff@example.org", is_staff=True))
    assert client.get(URL).status_code == 403
    assert upload(client, [ROW]).status_code == 403
    assert client.post(URL + "a" * 32 + "/").status_code == 403


@pytest.mark.parametrize("digest", ["a" * 32, "x" * 3000, "ü%20"])
def test_an_unknown_preview_leads_back_to_the_upload(as_organiser, digest):
    assert as_organiser.get(f"{URL}{digest}/").url == URL


def test_a_member_is_led_to_the_log_in(as_alice):
    assert as_alice.get(URL).status_code == 302
    assert "login" in as_alice.get(URL).url
