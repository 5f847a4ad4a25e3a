"""The page when a limit is reached: a status for programs, a sentence for people, and what was typed."""

from html.parser import HTMLParser

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from confbox.kit import limits
from confbox.kit.limit_pages import KEPT_PANEL, LARGE_BODY_BYTES, kept_panel, limit_page
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of

LARGE = {"login": "x" * LARGE_BODY_BYTES, "password": "secret"}


class Fields(HTMLParser):
    """The text areas of a page, by name, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.name, self.found = None, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "textarea":
            self.name = dict(attrs)["name"]

    def handle_data(self, data):
        if self.name:
            # A browser drops the line break at the beginning of the element.
            self.found.append((self.name, data.removeprefix("\n")))
            self.name = None


@pytest.fixture(autouse=True)
def _fresh_counts(db):
    cache.clear()


@pytest.mark.slow
def test_large_form_is_not_read_while_heavy_work_is_done(client):
    with limits.heavy_work_lock:
        answer = client.post("/accounts/signup/", LARGE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "try again in a few seconds" in parse(answer).text


def test_ordinary_form_is_read_while_heavy_work_is_done(client):
    with limits.heavy_work_lock:
        assert client.post("/accounts/signup/", {"email": "x"}).status_code == 200


def test_network_that_sends_large_forms_without_pause_is_refused(client):
    # Within one minute, however long the forms take here.
    with time_machine.travel("2026-11-26 12:00:00Z", tick=False):
        answers = [client.post("/theme/", LARGE).status_code for _ in range(121)]
    assert [number for number, answer in enumerate(answers) if answer == 429] == [120]


@pytest.mark.parametrize("body", ["a=" + "%41" * 500_000, "a=" + "x" * 1_100_000], ids=["encoded", "plain"])
def test_form_of_more_than_a_megabyte_is_refused(client, body):
    answer = client.post("/accounts/signup/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    page = parse(answer)
    assert page.heading == "This is too long"
    assert "at most 1 MB" in page.text


def test_page_keeps_what_was_typed_but_no_password(rf, stranger):
    request = rf.post(
        "/somewhere/", {"message": "\nLong <thoughts>", "password": "secret", "kind": ["a", "b"]}
    )
    request.user, request.session, request._messages = stranger, {}, []
    answer = limit_page(request, limits.too_busy())
    assert answer.status_code == 503
    assert Fields(answer.content.decode()).found == [
        ("message", "\nLong <thoughts>"),
        ("kind", "a"),
        ("kind", "b"),
    ]


KEPT = [
    (None, "get", {}, 0),
    ("form", "post", {"headline": "Bread", "password": "secret"}, 1),
    ("form_with_files", "post", {"headline": "Bread", "file": SimpleUploadedFile("a.txt", b"x")}, 0),
]


@pytest.mark.parametrize(("state", "method", "data", "buttons"), KEPT)
def test_what_is_kept_of_a_request(rf, state, method, data, buttons):
    request = getattr(rf, method)("/", data)
    request.user = AnonymousUser()
    kept = kept_panel(request)
    assert (kept.state if kept else None) == state
    page = parse(limit_page(request, limits.too_busy()))
    assert page.attributes("#kept textarea", "name") == (["headline"] if kept else [])
    assert page.number_of("#kept button") == buttons


def test_every_state_has_a_row_and_a_template():
    assert states_of(KEPT_PANEL) == {state for state, *_ in KEPT if state}
