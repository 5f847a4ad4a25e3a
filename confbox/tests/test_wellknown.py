"""Addresses that browsers and crawlers ask for by themselves."""

import io
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

pytestmark = pytest.mark.django_db

IMAGES = settings.BASE_DIR / "static/img"


def test_robots_keeps_crawlers_from_private_pages_and_names_the_sitemap(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /me/\n" in text
    assert text.endswith("\nSitemap: http://127.0.0.1:8000/sitemap.xml\n")


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
    page = client.get("/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert '<link rel="apple-touch-icon" href="/static/img/apple-touch-icon.png">' in page
