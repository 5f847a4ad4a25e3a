"""The drawn pictures next to links to this site."""

import io

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from PIL import Image

from confbox.kit import limits
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.sharing.cards import Card, conference_card, drawn
from conferences.sharing.lettering import drawable, fitted
from conferences.tests.factories import make_conference

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counts(db):
    cache.clear()


PICTURE = "/conferences/open-conf/card.png"


def picture(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("path", ["/card.png", PICTURE])
def test_card_is_a_picture_of_the_size_that_others_expect(client, conference, path):
    answer = client.get(path)
    assert picture(answer).size == (1200, 630)
    assert len(answer.content) < 60_000


def test_card_is_public_and_not_sent_twice(client, conference):
    first = client.get(PICTURE)
    again = client.get(PICTURE, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "public" in first["Cache-Control"]


def test_changed_title_gives_another_card(client, conference):
    before = client.get(PICTURE)["ETag"]
    Conference.objects.update(title="Another title")
    assert client.get(PICTURE)["ETag"] != before


def cached_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kept")
        return cursor.fetchone()[0]


def test_card_is_drawn_once(client, conference):
    first = client.get(PICTURE).content
    with limits.heavy_work_lock:
        assert client.get(PICTURE).content == first


def test_new_card_takes_the_place_of_the_old_one(client, conference):
    for title in ("One", "Two", "Three"):
        Conference.objects.update(title=title)
        client.get(PICTURE)
    assert cached_rows() == 1


def test_card_that_must_be_drawn_does_not_wait_for_the_lock(client, conference):
    with limits.heavy_work_lock:
        answer = client.get(PICTURE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")


@pytest.mark.slow
def test_network_that_has_card_after_card_drawn_is_refused(client, conference):
    with time_machine.travel("2026-11-26 10:00:00Z", tick=False):
        answers = []
        for number in range(61):
            Conference.objects.update(title=f"Title {number}")
            answers.append(client.get(PICTURE).status_code)
    assert answers == [200] * 60 + [429]


@pytest.mark.parametrize("status", ["draft", "inactive"])
def test_conference_that_is_not_on_the_list_has_no_card(as_alice, conference, status):
    Conference.objects.update(status=status)
    assert as_alice.get(PICTURE).status_code == 404


@pytest.mark.parametrize(
    "text", ["Łukasz Müller", "Παπαδόπουλος", "Дмитрий", "भारतीय सम्मेलन", "Nguyễn Thị", "“Quotes” – dash"]
)
def test_letters_that_the_font_has_are_drawn(text):
    assert drawable(text) == text


@pytest.mark.parametrize("text", ["東京", "مؤتمر", "כנס", "การประชุม", "Half 東京"])
def test_text_with_a_letter_that_the_font_lacks_is_left_out(text):
    assert drawable(text) == ""


def test_pictures_and_invisible_marks_are_left_out_of_a_text():
    assert drawable("Rust \U0001f980\ufe0f Conf\u200b\u202e") == "Rust Conf"


def test_title_that_cannot_be_drawn_gives_a_neutral_card():
    card = conference_card(make_conference(title="東京カンファレンス", place="Tokyo"))
    assert (card.title, card.facts.endswith("Tokyo")) == ("You choose who speaks.", True)


@pytest.mark.parametrize("text", ["x" * 5000, "long words " * 500, "a\u0301" * 900, "\u0300" * 1000, ""])
def test_any_text_is_drawn_within_its_lines(text):
    _size, lines = fitted(text, width=600, lines=2, sizes=(80, 40))
    assert len(lines) <= 2
    assert Image.open(io.BytesIO(drawn(Card(text, text, text, text, text)))).size == (1200, 630)


def test_page_names_card_and_address(client, conference):
    page = parse(client.get("/conferences/open-conf/"))
    here = "http://127.0.0.1:8000/conferences/open-conf/"
    assert page.attributes("link[rel=canonical]", "href") == [here]
    assert page.attributes('meta[property="og:title"]', "content") == ["Open Conf"]
    [card] = page.attributes('meta[property="og:image"]', "content")
    assert card.startswith(f"http://127.0.0.1:8000{PICTURE}?v=")


def test_page_of_a_conference_off_the_list_tells_others_nothing(as_alice, conference):
    Conference.objects.update(status="inactive")
    page = parse(as_alice.get("/conferences/open-conf/"))
    assert not page.mentions("og:image")
    assert not page.mentions("ld+json")
