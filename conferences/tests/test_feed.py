"""The feed of conferences."""

from xml.etree import ElementTree as ET

import pytest

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(client):
    answer = client.get("/feed/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ET.fromstring(answer.content)


def titles(feed):
    return [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]


def test_feed_has_the_newest_conferences_first(client):
    make_conference(title="First")
    make_conference(title="Second & <third>")
    assert titles(feed_of(client)) == ["Second & <third>", "First"]


@pytest.mark.parametrize("status", ["draft", "inactive"])
def test_feed_has_only_what_is_on_the_list(client, status):
    make_conference(status=status)
    assert titles(feed_of(client)) == []


def test_entry_links_to_the_page_and_tells_the_agenda(client):
    make_conference(slug="open-conf", agenda="**Talks** <script>alert(1)</script>")
    entry = next(feed_of(client).iter(f"{ATOM}entry"))
    assert entry.find(f"{ATOM}link").get("href") == "http://testserver/conferences/open-conf/"
    assert "<strong>Talks</strong>" in entry.findtext(f"{ATOM}summary")
    assert "<script" not in entry.findtext(f"{ATOM}summary")


def test_characters_that_xml_cannot_hold_are_left_out(client):
    make_conference(title="Bell\x07", topic="Topic\x0b", agenda="One\x0ctwo")
    assert titles(feed_of(client)) == ["Bell"]


def test_feed_takes_one_query_for_any_number(client, django_assert_num_queries):
    for _number in range(3):
        make_conference()
    with django_assert_num_queries(1):
        assert len(titles(feed_of(client))) == 3


def test_list_tells_readers_of_the_feed(client):
    page = parse(client.get("/"))
    assert page.attributes('link[rel=alternate][type="application/atom+xml"]', "href") == ["/feed/"]
