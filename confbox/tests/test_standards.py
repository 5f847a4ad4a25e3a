"""Output for other programs, checked as strictly as its standards allow."""

import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from PIL import Image

from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference, make_membership
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def conference(db):
    columns = {"place": "Athens, Greece", "website": "https://example.org/", "agenda": "*Talks* & more"}
    return make_conference(title="Open Conf; ünd, more", slug="open-conf", voting="open", **columns)


def the_only(selector, attribute, client, path):
    (found,) = parse(client.get(path)).attributes(selector, attribute)
    return found


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/", "/"),
        ("/?q=conf", "/"),
        ("/?show=past", "/"),
        ("/?utm_source=mail", "/"),
        ("/?page=2", "/?page=2"),
        ("/?page=2&q=conf", "/"),
        ("/?page=999", "/?page=2"),
        ("/conferences/open-conf/?utm_source=mail", "/conferences/open-conf/"),
        ("/how-the-vote-works/", "/how-the-vote-works/"),
        ("/accounts/login/?next=/me/", "/accounts/login/"),
        ("/accounts/signup/", "/accounts/signup/"),
    ],
)
def test_each_public_page_has_one_address(client, conference, settings, path, canonical):
    for _ in range(20):
        make_conference()
    assert the_only("link[rel=canonical]", "href", client, path) == settings.SITE_URL + canonical


def test_a_missing_page_has_no_address(client, db):
    assert not parse(client.get("/conferences/no-such/")).has("link[rel=canonical]")


@pytest.mark.parametrize(("language", "locale"), [("en", "en_GB"), ("de", "de_DE"), ("hi", "hi_IN")])
def test_open_graph_has_all_it_must_have(client, conference, language, locale):
    page = parse(client.get("/conferences/open-conf/", headers={"accept-language": language}))
    names, contents = (page.attributes("meta[property^=og]", name) for name in ("property", "content"))
    found = dict(zip(names, contents, strict=True))
    assert {"og:title", "og:type", "og:image", "og:url", "og:description", "og:site_name"} <= found.keys()
    assert found["og:locale"] == locale


def test_open_graph_pictures_of_conference_and_candidate_can_be_fetched(client, conference, settings):
    member = make_membership(conference, name="Alice")
    pitch = make_pitch(member)
    type(pitch).objects.update(shared_at=conference.created_at)
    for path in ("/conferences/open-conf/", f"/conferences/open-conf/candidates/{member.pk}/"):
        address = the_only('meta[property="og:image"]', "content", client, path)
        picture = client.get(address.removeprefix(settings.SITE_URL))
        assert Image.open(io.BytesIO(picture.content)).size == (1200, 630)


def test_the_calendar_is_read_without_a_complaint(client, conference):
    content = client.get("/conferences/open-conf.ics").content
    calendar = Calendar.from_ical(content)
    assert {"PRODID", "VERSION"} <= calendar.keys()
    for event in calendar.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART"} <= event.keys()
        assert event.errors == []
    assert calendar.walk("VEVENT")[0]["SUMMARY"] == "Open Conf; ünd, more"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_feed_is_atom_with_all_it_must_have(client, conference):
    feed = ET.fromstring(client.get("/feed/").content)
    assert feed.tag == f"{ATOM}feed"
    for element in [feed, *feed.iter(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert element.find(ATOM + name).text, name
        assert element.find(f"{ATOM}link").get("href").startswith("http")
    assert feed.find(f"{ATOM}link[@rel='self']") is not None


def test_the_event_has_what_search_engines_ask_for(client, conference, settings):
    page = parse(client.get("/conferences/open-conf/"))
    event = json.loads(page.part('script[type="application/ld+json"]').script)
    asked = {"name", "startDate", "endDate", "location", "eventStatus", "eventAttendanceMode", "organizer"}
    assert asked | {"image", "url"} <= event.keys()
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["organizer"]["url"] == "https://example.org/"
    picture = client.get(event["image"].removeprefix(settings.SITE_URL))
    assert picture["Content-Type"] == "image/png"


def test_the_sitemap_and_robots_name_addresses_that_answer(client, conference):
    sitemap = ET.fromstring(client.get("/sitemap.xml").content)
    namespace = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    addresses = [found.text for found in sitemap.findall("s:url/s:loc", namespace)]
    assert [client.get(a.removeprefix("http://testserver")).status_code for a in addresses] == [200] * 4
    assert "User-agent: *" in client.get("/robots.txt").content.decode()


def test_security_txt_has_the_two_fields_it_must_have_once(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    names = [line.partition(":")[0] for line in lines]
    assert names.count("Contact") == names.count("Expires") == 1
    assert re.fullmatch(r"Expires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[names.index("Expires")])


def test_the_manifest_can_be_installed(client, db):
    manifest = client.get("/manifest.webmanifest").json()
    assert {"name", "short_name", "start_url", "display", "icons"} <= manifest.keys()
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert "maskable" in {icon["purpose"] for icon in manifest["icons"]}
