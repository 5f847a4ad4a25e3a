"""A download that asks for the password first ends on a page that starts it and leads back."""

from urllib.parse import urlencode

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.tests.factories import PASSWORD
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference

ROSTER = "/admin/conferences/conference/{pk}/roster/"
TALLY = "/admin/voting/votes/{pk}/"
DOWNLOADS = {
    "/people/export/": "/people/my-data/",
    ROSTER + "export.csv?q=ada&state=listed": ROSTER + "?q=ada&state=listed",
    ROSTER + "export.xlsx": ROSTER,
    TALLY + "export.csv?q=ada": TALLY + "result/?q=ada",
    TALLY + "export.xlsx": TALLY + "result/",
}
STRANGE = [
    "",
    "nonsense",
    "/",
    "/people/my-data/",
    "https://evil.example/people/export/",
    "//evil.example/people/export/",
    "////evil.example/people/export/",
    "/people/export/\0",
    "javascript:alert(1)",
    "http://[/people/export/",
]


@pytest.fixture
def conference(db):
    return make_conference(voting="closed")


def target(page):
    [content] = page.attributes("meta[http-equiv=refresh]", "content")
    return content.removeprefix("0;url=")


@pytest.mark.parametrize(("file", "page"), DOWNLOADS.items())
def test_person_lands_on_a_page_that_starts_the_download(client, organiser, conference, file, page):
    file, page = file.format(pk=conference.pk), page.format(pk=conference.pk)
    client.force_login(organiser)
    asked = client.get(file).url
    assert asked.startswith("/accounts/reauthenticate/")
    landed = parse(client.post(asked, {"password": PASSWORD}, follow=True))
    assert (target(landed), page in landed.links, file in landed.links) == (file, True, True)
    assert client.get(file).headers["Content-Disposition"].startswith("attachment;")


def test_recovery_codes_are_downloaded_the_same_way(client, stranger):
    TOTP.activate(stranger, generate_totp_secret())
    RecoveryCodes.activate(stranger)
    client.force_login(stranger)
    landing = "/accounts/download/?" + urlencode({"file": "/accounts/2fa/recovery-codes/download/"})
    asked = client.get("/accounts/2fa/recovery-codes/download/").url
    assert urlencode({"next": landing}) in asked
    assert "/accounts/2fa/recovery-codes/" in parse(client.get(landing)).links


def test_log_in_on_the_way_to_a_download_leads_to_the_same_page(client, stranger):
    asked = client.get("/people/export/").url
    assert asked.startswith("/accounts/login/")
    form = {"login": stranger.email, "password": PASSWORD}
    landed = parse(client.post(asked, form, follow=True))
    assert target(landed) == "/people/export/"


@pytest.mark.parametrize("file", STRANGE)
def test_page_starts_no_other_download(client, stranger, file):
    client.force_login(stranger)
    assert client.get("/accounts/download/", {"file": file}).status_code == 404


def test_page_is_for_those_who_are_logged_in(client, db):
    assert client.get("/accounts/download/", {"file": "/people/export/"}).url.startswith("/accounts/login/")


def test_search_of_a_download_is_carried_on_as_text(client, organiser, conference):
    client.force_login(organiser)
    file = ROSTER.format(pk=conference.pk) + 'export.csv?q="><script>alert(1)</script>'
    page = parse(client.get("/accounts/download/", {"file": file}))
    assert target(page) == file
    assert not page.has("main script")
