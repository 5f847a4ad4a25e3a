"""The lists of large conferences are walked: every member once, and found by how their name begins."""

import unicodedata

import pytest
from django.db import connection

from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from confbox.kit.walking import MOST_STRETCHES, stretches_of
from conferences import members_in_order
from conferences.members_in_order import COLUMNS
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_conference, make_membership

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is for fewer people"),
]
LIST = "/conferences/open-conf/members/"
NAMES = ["Ada", "bob", "Çelik", "Dvořák", "Émile", "Eva", "eva", "Łukasz", "Ömer", "Zoë"]


@pytest.fixture
def large(monkeypatch, conference):
    """As if three members were many."""
    monkeypatch.setattr(members_in_order, "MOST_SORTED", 3)
    monkeypatch.setattr(members_in_order, "SMALLEST_SHARE", 0)
    return conference


def names_on(page):
    return page.texts("#found .people .body > a")


def linked(page, rel):
    return page.attributes(f"nav.pages a[rel={rel}]", "href")


def pages_from(client, url):
    page = parse(client.get(url))
    yield page
    while links := linked(page, "next"):
        page = parse(client.get(LIST + links[0]))
        yield page


def all_names(client, url=LIST):
    return [name for page in pages_from(client, url) for name in names_on(page)]


def test_names_are_in_the_same_order_as_in_a_small_conference(client, large, monkeypatch):
    people = [make_membership(large, name=name) for name in reversed(NAMES)]
    client.force_login(people[0].user)
    walked = all_names(client)
    monkeypatch.setattr(members_in_order, "MOST_SORTED", 1000)
    assert walked == all_names(client)
    assert len(walked) == len(NAMES)


def test_every_member_is_on_one_page_while_members_are_added(client, large, alice):
    make_crowd(large, 60)
    client.force_login(alice.user)
    seen = []
    for number, page in enumerate(pages_from(client, LIST)):
        seen += names_on(page)
        make_membership(large, name=f"Aaron {number}")
        make_membership(large, name=f"Zacharias {number}")
    assert seen == sorted(set(seen))
    assert {f"Person {n:05}" for n in range(1, 61)} <= set(seen) | {"Person 00060"}


def test_the_way_back_leads_over_the_same_pages(client, large, alice):
    make_crowd(large, 80)
    client.force_login(alice.user)
    forward = list(pages_from(client, LIST))
    back = [forward[-1]]
    while links := linked(back[-1], "prev"):
        back.append(parse(client.get(LIST + links[0])))
    assert [names_on(page) for page in reversed(back)] == [names_on(page) for page in forward]


@pytest.mark.parametrize(
    "place", ["after-0-{hidden}", "before-0-{hidden}", "after-99-{alice}", "after-0-999999"]
)
def test_no_place_leads_to_who_is_not_on_the_list(client, large, alice, place):
    hidden = make_membership(large, name="Nina", is_listed=False)
    make_crowd(large, 40)
    client.force_login(alice.user)
    first = names_on(parse(client.get(LIST)))
    asked = place.format(hidden=hidden.pk, alice=alice.pk)
    assert names_on(parse(client.get(LIST, {"page": asked}))) == first


def decomposed(text):
    return unicodedata.normalize("NFD", text)


FOUND = [
    *(("anna", "Anna Müller"), ("ANN", "Anna Müller"), ("mül", "Anna Müller"), ("mul", "Anna Müller")),
    *(("muel", "Anna Müller"), ("müller", "Ben Mueller"), ("anna mül", "Anna Müller")),
    *(("muller anna", "Anna Müller"), ("mul ann", "Anna Müller"), ("maria", "Anna Maria Keller")),
    *(("luden", "Eva Müller-Lüdenscheidt"), ("lukasz", "Łukasz Nowak"), ("dvorak", "Antonín Dvořák")),
    *(
        (unicodedata.normalize("NFD", "mül"), "Anna Müller"),
        ("mül", unicodedata.normalize("NFD", "Ida Müller")),
    ),
    *(("елк", "Ёлка Иванова"), ("山田", "山田太郎"), ("anna maria kel", "Anna Maria Keller")),
]


@pytest.mark.parametrize(("words", "name"), FOUND)
def test_a_member_is_found_by_how_the_words_of_the_name_begin(client, large, alice, words, name):
    make_membership(large, name=name)
    make_crowd(large, 5)
    client.force_login(alice.user)
    assert name in all_names(client, f"{LIST}?q={words}")


def test_each_member_whom_a_search_finds_is_there_once(client, large, alice):
    make_crowd(large, 60, name="Anna Annas {n} Anna")
    client.force_login(alice.user)
    found = all_names(client, f"{LIST}?q=anna")
    assert len(found) == len(set(found)) == 60


def test_a_search_finds_the_profession_that_a_member_shows(client, large, alice):
    nurse, hidden = make_membership(large, name="Nora"), make_membership(large, name="Hanna")
    type(nurse.user).objects.filter(pk__in=[nurse.user_id, hidden.user_id]).update(profession="Nurse")
    type(nurse.user).objects.filter(pk=hidden.user_id).update(shows_profession=False)
    make_crowd(large, 5)
    client.force_login(alice.user)
    assert all_names(client, f"{LIST}?q=nur") == ["Nora"]


def test_members_of_other_conferences_are_not_on_the_list(client, large, alice):
    make_crowd(large, 5)
    make_membership(make_conference(), name="Elsewhere")
    client.force_login(alice.user)
    assert "Elsewhere" not in all_names(client)


def test_stretches_are_few_however_many_words_are_typed():
    words = " ".join(["müller"] * 3 + ["a", "b", "c", "d", "e"])
    assert len(stretches_of(words, COLUMNS)) <= MOST_STRETCHES


PAGES = ["", "?q=person", "?q=person+00", "?q=nobody", "?q=no+body"]


@pytest.mark.parametrize("query", PAGES)
def test_a_page_reads_few_rows_of_many_and_sorts_none(client, large, alice, query, monkeypatch):
    make_crowd(large, 3000)
    client.force_login(alice.user)
    with rows_read() as few:
        client.get(LIST + query)
    monkeypatch.setattr(members_in_order, "MOST_SORTED", 10_000)
    with rows_read() as all_of_them:
        client.get(LIST + query)
    assert few.read < 700
    assert few.sorted == 0
    assert all_of_them.read > 3000
