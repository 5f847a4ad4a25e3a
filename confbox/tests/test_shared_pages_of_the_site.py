"""What visitors and members see behind the shipped nginx after a change."""

import re
import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import pytest

from confbox.tests.echoing_application import begin_second
from confbox.tests.test_nginx import pytestmark, run, site

__all__ = ["pytestmark", "run", "site"]
TITLE = "Renamed a second ago"
SHOWN = "c.status = 'active' AND c.visibility = 'public' AND c.rehearses_id IS NULL"


def change(site, statement, *values):
    """Returns the first row, if there is one."""
    with closing(sqlite3.connect(site.folder / "confbox.sqlite3", timeout=20)) as database:
        found = database.execute(statement, values).fetchone()
        database.commit()
    return found


@pytest.fixture
def conference(site):
    """Its page; title and status are restored."""
    select = f"SELECT id, slug, title, status FROM conferences_conference c WHERE {SHOWN} LIMIT 1"
    pk, slug, title, status = change(site, select)
    yield f"/conferences/{slug}/"
    restore = "UPDATE conferences_conference SET title = ?, status = ? WHERE id = ?"
    change(site, restore, title, status, pk)
    begin_second()


def set_conference(site, path, column, value):
    update = f"UPDATE conferences_conference SET {column} = ? WHERE slug = ?"
    change(site, update, value, path.split("/")[2])


def member(site):
    headers = site.log_in(source="127.0.5.1")[1]
    return "; ".join(cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie"))


def is_kept(site, path, **headers):
    """The application pads each compressed page differently, so equal ones are one page."""
    site.get(path)
    for _ in range(3):
        begin_second()
        visits = [site.get(path, Accept_Encoding="gzip", **headers) for _ in range(2)]
        assert [visit[0] for visit in visits] == [200, 200]
        if visits[0][2] == visits[1][2]:
            return True
    return False


@pytest.mark.parametrize("path", ["/", "/help/", "/feed/", "/how-the-vote-works/", "/sitemap.xml"])
def test_page_of_visitors_is_kept_and_has_no_token(site, path):
    assert is_kept(site, path)
    assert b"csrfmiddlewaretoken" not in site.get(path)[2]


def test_page_of_a_conference_is_kept_and_has_no_token(site, conference):
    assert is_kept(site, conference)
    assert b"csrfmiddlewaretoken" not in site.get(conference)[2]


def test_same_page_for_others_is_not_kept(site, conference):
    assert not is_kept(site, conference, Cookie="device=x")


def test_visitor_logs_in_with_the_token_of_the_list(site):
    cookie = site.get("/")[1]["Set-Cookie"].partition(";")[0]
    page = site.get("/accounts/login/", Cookie=cookie)[2]
    token = page.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0].decode()
    form = {"login": "alice@example.org", "password": "conference-demo", "csrfmiddlewaretoken": token}
    sent = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded", "source": "127.0.5.2"}
    assert site.request("POST", "/accounts/login/", urlencode(form), **sent)[0] == 302


def test_list_that_is_kept_has_each_header_once(site):
    found = [site.get_safely("/")[1] for _ in range(2)]
    for headers in found:
        names = [name.lower() for name in headers if name.lower() != "vary"]
        assert len(names) == len(set(names))
        assert "Cookie" in ", ".join(headers.get_all("Vary"))


def test_page_of_visitors_is_at_most_a_second_old(site, conference):
    site.get(conference)
    begin_second()
    before = site.get(conference)[2]
    set_conference(site, conference, "title", TITLE)
    begin_second()
    assert TITLE.encode() not in before
    assert TITLE.encode() in site.get(conference)[2]


def test_member_sees_a_change_immediately(site, conference):
    cookie = member(site)
    site.get(conference)
    set_conference(site, conference, "title", TITLE)
    assert TITLE.encode() in site.get(conference, Cookie=cookie)[2]


def test_conference_that_is_no_longer_published_is_gone_after_a_second(site, conference):
    set_conference(site, conference, "title", TITLE)
    begin_second()
    assert TITLE.encode() in site.get(conference)[2]
    set_conference(site, conference, "status", "draft")
    begin_second()
    assert site.get(conference)[0] == 404
    assert TITLE.encode() not in site.get("/")[2]


def test_hidden_pitch_is_gone_after_a_second(site):
    select = (
        "SELECT m.id, c.slug, p.headline FROM conferences_membership m "
        "JOIN voting_pitch p ON p.membership_id = m.id "
        "JOIN conferences_conference c ON c.id = m.conference_id "
        f"WHERE {SHOWN} AND p.headline <> '' AND m.pitch_hidden_at IS NULL LIMIT 1"
    )
    pk, slug, headline = change(site, select)
    path, words = f"/conferences/{slug}/candidates/{pk}/", re.split(r"[^\w ]", headline)[0].encode()
    change(site, "UPDATE voting_pitch SET shared_at = '2026-01-01 00:00:00' WHERE membership_id = ?", pk)
    begin_second()
    assert words in site.get(path)[2]
    hide = "UPDATE conferences_membership SET pitch_hidden_at = ? WHERE id = ?"
    change(site, hide, "2026-01-01 00:00:00", pk)
    begin_second()
    assert words not in site.get(path)[2]
    change(site, hide, None, pk)
