"""Structured data for search engines and crawlers."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference, make_membership, update_elections

pytestmark = pytest.mark.django_db


def data_of(client):
    page = parse(client.get("/conferences/open-conf/"))
    return json.loads(page.part('script[type="application/ld+json"]').script)


def test_conference_is_described_as_an_event(client):
    make_conference(
        slug="open-conf", title="Open Conf", place="Athens, Greece", website="https://example.org/"
    )
    data = data_of(client)
    assert (data["@type"], data["name"]) == ("Event", "Open Conf")
    assert data["location"] == {"@type": "Place", "name": "Athens, Greece", "address": "Athens, Greece"}
    assert data["sameAs"] == "https://example.org/"


def test_times_are_in_the_zone_of_the_conference(client):
    starts_at, ends_at = datetime(2026, 11, 26, 8, tzinfo=UTC), datetime(2026, 11, 27, 16, tzinfo=UTC)
    make_conference(slug="open-conf", starts_at=starts_at, ends_at=ends_at, time_zone="Asia/Kolkata")
    assert data_of(client)["startDate"] == "2026-11-26T13:30+05:30"


def test_whole_days_are_shown_as_days(client):
    starts_at, ends_at = datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    make_conference(slug="open-conf", starts_at=starts_at, ends_at=ends_at)
    data = data_of(client)
    assert (data["startDate"], data["endDate"]) == ("2026-11-26", "2026-11-27")


def test_conference_online_has_an_address_on_the_web(client):
    make_conference(slug="open-conf", place="Online")
    assert data_of(client)["location"]["@type"] == "VirtualLocation"


def test_text_cannot_end_the_block(client):
    title = "</script><script>alert(1)</script><!-- & \u2028"
    make_conference(slug="open-conf", title=title)
    page = parse(client.get("/conferences/open-conf/"))
    assert data_of(client)["name"] == title
    assert not page.has("script:not([src]):not([type])")


def test_speaker_is_listed_once_they_accepted(client):
    conference = make_conference(slug="open-conf")
    assert "performer" not in data_of(client)
    update_elections(speaker=make_membership(conference, name="Alice"))
    assert data_of(client)["performer"] == {"@type": "Person", "name": "Alice"}


def test_sitemap_has_the_conferences_on_the_list(client):
    for status in ("active", "draft", "inactive"):
        make_conference(slug=f"{status}-conf", status=status)
    answer = client.get("/sitemap.xml")
    found = [node.text for node in ET.fromstring(answer.content).iter() if node.tag.endswith("loc")]
    assert found == [
        "http://testserver/conferences/active-conf/",
        "http://testserver/",
        "http://testserver/how-the-vote-works/",
        "http://testserver/help/",
    ]


@pytest.mark.parametrize("page", ["abc", "-1", "999999", "%00"])
def test_strange_page_of_the_sitemap_is_404(client, page):
    assert client.get(f"/sitemap.xml?p={page}").status_code == 404
