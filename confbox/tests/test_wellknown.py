"""URLs that browsers and crawlers request automatically."""

import io
import re
from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from accounts.actors import Actor
from accounts.calendar_keys import calendar_secret, renew_calendar_key
from confbox.kit.tests.page import parse

pytestmark = pytest.mark.django_db

IMAGES = settings.BASE_DIR / "static/img"


def test_robots_keeps_crawlers_from_private_pages_and_names_the_sitemap(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /me/\n" in text
    assert text.endswith("\nSitemap: http://127.0.0.1:8000/sitemap.xml\n")


@pytest.mark.parametrize(
    "name",
    [
        *("/", "/conferences.ics?key=x", "/conferences/open-conf.ics", "/conferences/open-conf/", "/feed/"),
        *("/card.png", "/conferences/open-conf/card.png", "/sitemap.xml", "/how-the-vote-works/"),
        *("/conferences/open-conf/candidates/7/", "/manifest.webmanifest", "/favicon.ico", "/static/x.css"),
    ],
)
def test_robots_lets_services_fetch_what_is_given_out_for_them(client, name):
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())
    assert rules.can_fetch("Googlebot", name)


def test_robots_lets_crawlers_fetch_every_address_of_the_sitemap(client, conference):
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())
    found = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(found) > 2
    assert [address for address in found if not rules.can_fetch("Googlebot", address)] == []


def test_calendars_belong_in_no_index(client, alice):
    renew_calendar_key(by=Actor(alice.user))
    mine = client.get("/conferences.ics", {"key": calendar_secret(alice.user)})
    public = client.get("/conferences/open-conf.ics")
    assert (mine.status_code, public.status_code) == (200, 200)
    assert (mine["X-Robots-Tag"], public["X-Robots-Tag"]) == ("noindex", "noindex")


def test_security_txt_is_missing_without_a_contact(client, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404


def test_security_txt_names_the_contact_and_expires_within_a_year(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    expires = datetime.fromisoformat(fields["Expires"])
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:security@example.org"
    assert timedelta(0) < expires - timezone.now() < timedelta(days=365)


def test_manifest_names_pictures_of_the_sizes_they_have(client):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert answer.json()["name"] == settings.SITE_NAME
    for icon in answer.json()["icons"]:
        name = icon["src"].rpartition("/")[2]
        assert icon["sizes"] == "{}x{}".format(*Image.open(IMAGES / name).size)


@pytest.mark.parametrize(
    ("name", "short"),
    [("ConferenceBox", "ConferenceBox"), ("Conference Box", "Conference"), ("Our Box", "Our Box")],
)
def test_manifest_cuts_no_word_of_a_name(client, settings, name, short):
    settings.SITE_NAME = name
    assert client.get("/manifest.webmanifest").json()["short_name"] == short


def test_favicon_leads_to_a_picture_in_three_sizes(client):
    assert client.get("/favicon.ico")["Location"] == "/static/img/favicon.ico"
    icon = Image.open(io.BytesIO((IMAGES / "favicon.ico").read_bytes()))
    assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_page_names_its_pictures(client):
    page = parse(client.get("/"))
    assert page.attributes("link[rel=manifest]", "href") == ["/manifest.webmanifest"]
    assert page.attributes("link[rel=apple-touch-icon]", "href") == ["/static/img/apple-touch-icon.png"]
