"""What anyone may fetch, and how little of it is sent again."""

import pytest

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference


@pytest.mark.parametrize("path", ["/", "/conferences/open-conf/"])
def test_a_public_page_that_did_not_change_is_not_sent_again(client, db, path):
    make_conference(slug="open-conf")
    first = client.get(path)
    second = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 304
    assert second.content == b""


def test_a_shortened_url_of_a_conference_leads_to_the_list(client, db):
    response = client.get("/conferences/?q=open")
    assert (response.status_code, response.headers["location"]) == (301, "/?q=open")


def test_crawlers_are_told_where_not_to_go(client):
    assert "Disallow: /accounts/" in client.get("/robots.txt").content.decode()


def test_browsers_find_an_icon(client):
    assert client.get("/favicon.ico").headers["location"].startswith("/static/img/favicon")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_comes_in_the_chosen_theme(client, db, theme):
    response = client.post("/theme/", {"theme": theme, "next": "/?show=past"})
    assert response.headers["location"] == "/?show=past"
    assert parse(client.get("/")).attributes("[data-bs-theme]", "data-bs-theme") == [theme]


def test_without_a_choice_the_device_decides(client, db):
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "auto"})
    assert not parse(client.get("/")).mentions("data-bs-theme")


@pytest.mark.parametrize("data", [{}, {"theme": "blue"}, {"theme": "dark\0"}])
def test_an_unknown_theme_is_refused(client, data):
    assert client.post("/theme/", data).status_code == 400


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_choosing_a_theme_leads_nowhere_else(client, elsewhere):
    assert client.post("/theme/", {"theme": "dark", "next": elsewhere}).headers["location"] == "/"
