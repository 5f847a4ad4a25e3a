"""The demo's mailbox shows the emails that were written to files."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import RequestFactory
from django.utils import timezone

from accounts.codes import EmailedCode
from confbox import mailbox
from confbox.kit.tests.page import parse

BACKEND = "confbox.email_files.EmailBackend"


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def send(*subjects):
    messages = [
        EmailMultiAlternatives(s, f"Text of {s}", "box@example.org", ["a@example.org"]) for s in subjects
    ]
    for message in messages:
        html = "<html><head></head><body><a href='/me/'>Open</a><script>alert(1)</script></body></html>"
        message.attach_alternative(html, "text/html")
    get_connection(BACKEND).send_messages(messages)


def test_emails_of_one_connection_become_files_of_their_own(folder):
    send("One", "Two")
    assert len(list(folder.glob("*.eml"))) == 2


def test_newest_email_is_listed_first(folder):
    send("One", "Two", "Three")
    assert [m["message"]["Subject"] for m in mailbox.newest_emails()] == ["Three", "Two", "One"]


def test_email_in_several_scripts_is_read_as_it_was_sent(folder):
    send("Код 123456 — 確認 🎤")
    found = mailbox.newest_emails()[0]["message"]
    assert found["Subject"] == "Код 123456 — 確認 🎤"
    assert mailbox.part_of(found, "plain").strip() == "Text of Код 123456 — 確認 🎤"


def test_empty_mailbox_lists_nothing(folder):
    assert mailbox.newest_emails() == []


def page_of_newest(client, part=""):
    return client.get(f"/mailbox/{mailbox.newest_emails()[0]['name']}/{part}")


def test_an_email_is_shown_in_a_frame_as_its_recipient_sees_it(client, db, folder):
    send("One")
    page = parse(page_of_newest(client))
    (frame,) = page.attributes("iframe", "src")
    assert parse(client.get(frame)).texts("a") == ["Open"]
    assert page.texts(".tabs [aria-current]") == ["HTML"]


def test_the_text_of_an_email_is_a_tab_of_its_own(client, db, folder):
    send("One")
    assert "?part=text" in parse(page_of_newest(client)).links
    page = parse(page_of_newest(client, "?part=text"))
    assert page.texts(".card-paper") == ["Text of One"]
    assert not page.has("iframe")


def test_an_email_without_html_is_shown_as_text(client, db, folder):
    get_connection(BACKEND).send_messages([EmailMultiAlternatives("Plain", "Words", to=["a@example.org"])])
    page = parse(page_of_newest(client))
    assert page.texts(".card-paper") == ["Words"]
    assert not page.has("iframe, .tabs")
    assert page_of_newest(client, "html/").status_code == 404


def test_no_script_of_an_email_runs_and_its_links_open_in_the_site(client, db, folder):
    send("One")
    answer = page_of_newest(client, "html/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "sandbox allow-same-origin allow-top-navigation-by-user-activation" in policy
    assert parse(answer).attributes("base", "target") == ["_top"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["missing", "../secret", "%2e%2e", "a\0b", "*"])
def test_email_that_does_not_exist_is_not_found(folder, name):
    send("One")
    with pytest.raises(mailbox.Http404):
        mailbox.read_email(RequestFactory().get("/"), name)
    with pytest.raises(mailbox.Http404):
        mailbox.email_html(RequestFactory().get("/"), name)


def test_file_names_sort_by_time(folder):
    send("One")
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.eml", next(folder.glob("*")).name)


def test_dates_are_shown_as_on_every_other_page(client, db, folder):
    send("One")
    name = mailbox.newest_emails()[0]["name"]
    for path in ("/mailbox/", f"/mailbox/{name}/"):
        page = parse(client.get(path))
        assert f"{timezone.now():%B %Y}" in page.text
        assert not page.mentions("+0000")


@pytest.mark.parametrize(
    ("purpose", "page"),
    [
        ("signup", "/accounts/signup/code/"),
        ("reset", "/accounts/password/reset/confirm/"),
        ("log-in", "/accounts/login/code/confirm/"),
    ],
)
def test_a_person_who_waits_for_a_code_finds_the_way_back(client, db, folder, purpose, page):
    assert not parse(client.get("/mailbox/")).mentions("Back to the code")
    session = client.session
    EmailedCode(session, purpose).issue(email="new@example.org")
    session.save()
    assert page in parse(client.get("/mailbox/")).links
