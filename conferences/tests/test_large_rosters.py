"""A large roster is walked: every entry once, found by how it begins, and counted only when asked for."""

import pytest
from django.db import connection

from confbox.kit import walking
from confbox.kit.limits import Limit
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences.models import RosterEntry
from conferences.roster import listing
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import BY_COMMAND, make_entry

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is for fewer people"),
]


@pytest.fixture
def url(conference):
    return f"/admin/conferences/conference/{conference.pk}/roster/"


@pytest.fixture
def large(monkeypatch, conference):
    """As if three entries were many."""
    monkeypatch.setattr(listing, "MOST_WHOLE", 3)
    return conference


def make_entries(conference, number, **columns):
    RosterEntry.objects.bulk_create(
        RosterEntry(
            conference=conference,
            email=f"person{n:05}@example.org",
            mailbox=f"person{n:05}@example.org",
            inbox=f"person{n:05}@example.org",
            name=f"Person {n:05}",
            **columns,
        )
        for n in range(number)
    )


def content(answer):
    return parse(answer).part("#content")


def links(page, text):
    found = zip(page.texts("a"), page.attributes("a", "href"), strict=True)
    return [href for said, href in found if said == text]


def emails(page):
    return [row[0] for row in page.rows[1:]]


def pages_from(client, url, query="", word="Next"):
    page = content(client.get(url + query))
    yield page
    while found := links(page, word):
        page = content(client.get(url + found[0]))
        yield page


def all_emails(client, url, query=""):
    return [email for page in pages_from(client, url, query) for email in emails(page)]


def test_each_entry_is_on_one_page_in_the_order_of_a_small_roster(as_organiser, large, url, monkeypatch):
    make_entries(large, 250)
    walked = all_emails(as_organiser, url)
    monkeypatch.setattr(listing, "MOST_WHOLE", 1000)
    assert walked == all_emails(as_organiser, url)
    assert len(walked) == 250


def test_the_way_back_leads_over_the_same_pages(as_organiser, large, url):
    make_entries(large, 350)
    forward = [emails(page) for page in pages_from(as_organiser, url)]
    *_others, last = pages_from(as_organiser, url)
    before = links(last, "Previous")[0]
    back = [emails(page) for page in pages_from(as_organiser, url, before, word="Previous")]
    assert [*reversed(back), forward[-1]] == forward


FOUND = ["ada", "ADA.L", "lovelace", "Love", "ada lov", "lovelace ada", "t-12", "T-1234", "byron-king"]


@pytest.mark.parametrize("words", FOUND)
def test_an_entry_is_found_by_how_address_name_last_name_or_reference_begin(as_organiser, large, url, words):
    make_entries(large, 5)
    make_entry(large, email="ada.l@example.org", name="Ada Lovelace", reference="T-1234")
    make_entry(large, email="byron-king@example.org", name="Ada Love", reference="T-1299")
    assert set(all_emails(as_organiser, url, f"?q={words}")) & {
        "ada.l@example.org",
        "byron-king@example.org",
    }


def test_a_search_for_no_one_says_so(as_organiser, large, url):
    make_entries(large, 5)
    assert as_organiser.get(f"{url}?q=zzz").context["panel"].state == "none_found"


def test_a_state_that_few_have_is_found_page_by_page(as_organiser, large, url, monkeypatch):
    monkeypatch.setattr(walking, "BATCH", 10)
    monkeypatch.setattr(walking, "MOST_BATCHES", 2)
    make_entries(large, 700)
    last = RosterEntry.objects.order_by("mailbox").last()
    remove_entry(entry=last, reason="Ticket returned", by=BY_COMMAND)
    first, *others = pages_from(as_organiser, url, "?state=removed")
    assert "There may be more on the next." in first.text
    assert [emails(page) for page in others if emails(page)] == [[last.email]]


def test_it_is_counted_only_when_that_is_asked_for(as_organiser, large, url):
    make_entries(large, 5)
    page = content(as_organiser.get(url))
    assert page.has("#not-counted")
    assert not page.has("dl.desk-facts")
    counted = content(as_organiser.get(url + links(page, "Count them")[0]))
    assert "Listed 5" in counted.part("dl.desk-facts").text
    assert not counted.has("#not-counted")


def test_counting_is_limited(as_organiser, large, url, monkeypatch):
    make_entries(large, 5)
    monkeypatch.setattr(listing, "COUNTS", Limit("counts of rosters", person="1/h"))
    assert [as_organiser.get(f"{url}?count=1").status_code for _time in range(2)] == [200, 429]


def test_no_place_leads_to_an_entry_of_another_conference(as_organiser, large, url):
    make_entries(large, 5)
    elsewhere = make_entry(make_conference(), email="person00002@example.org")
    first = emails(content(as_organiser.get(url)))
    assert emails(content(as_organiser.get(f"{url}?page=after-0-{elsewhere.pk}"))) == first


QUERIES = ["", "?state=listed", "?q=person", "?q=person+00", "?q=nobody", "?page=after-0-{middle}"]


@pytest.mark.parametrize("query", QUERIES)
def test_a_page_reads_few_rows_of_many_and_sorts_none(as_organiser, large, url, query):
    make_entries(large, 4000)
    asked = url + query.format(middle=RosterEntry.objects.order_by("mailbox")[3000].pk)
    as_organiser.get(asked)
    with rows_read() as page:
        as_organiser.get(asked)
    assert page.read < 3000
    assert page.sorted == 0
