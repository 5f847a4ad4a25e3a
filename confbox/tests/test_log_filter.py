"""The journal holds no secret of a URL."""

import logging

import pytest
from django.test import Client

from confbox.log_filter import LogFilter

SECRET = "Zk3mJ9qSecretToken"


@pytest.fixture
def journal(settings, tmp_path, caplog):
    """What the site's handler would write."""
    filtered = LogFilter(tmp_path)
    with caplog.at_level(logging.DEBUG):
        yield lambda: [r.getMessage() for r in caplog.records if filtered.filter(r)]


@pytest.mark.parametrize(
    "url",
    [
        f"/unsubscribe/{SECRET}/",
        f"/me/address/{SECRET}/",
        f"/conferences.ics?key={SECRET}",
        f"/unsubscribe/{SECRET}/and/more",
        f"/Unsubscribe/{SECRET}/\u00e9",
    ],
)
def test_secret_of_a_url_that_is_refused_is_not_written(db, journal, url):
    Client(raise_request_exception=False).get(url)
    assert not [line for line in journal() if SECRET in line]


def test_refused_form_does_not_write_the_page_before(db, journal):
    client = Client(enforce_csrf_checks=True)
    headers = {"referer": f"https://evil.example/unsubscribe/{SECRET}/"}
    client.post("/accounts/login/", secure=True, headers=headers)
    lines = journal()
    assert [line for line in lines if line.startswith("Forbidden")]
    assert not [line for line in lines if SECRET in line]


def test_member_whose_page_was_asked_for_is_not_written(as_alice, journal):
    as_alice.get("/conferences/open-conf/members/999999/")
    assert [line for line in journal() if "Not Found: /conferences/<slug:slug>/members/" in line]
