"""Very long lists of people and members in the admin: read in the order of an index."""

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit import bounded_search
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences import members_in_order
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is for fewer people"),
]
PEOPLE, MEMBERS = "/admin/accounts/user/", "/admin/conferences/membership/"


@pytest.fixture
def long(monkeypatch):
    """As if four rows were many."""
    monkeypatch.setattr(BoundedPaginator, "MOST", 4)


def names_on(page):
    return page.texts("#result_list tbody th")


FOUND = ["ada", "LOVE", "ada love", "love ada", "king", "ada.l", "lovelace-king"]


@pytest.mark.parametrize("words", FOUND)
@pytest.mark.parametrize("url", [PEOPLE, MEMBERS])
def test_a_person_is_found_by_how_name_last_name_or_address_begin(as_organiser, conference, long, url, words):
    make_crowd(conference, 10)
    make_membership(conference, user=make_user("ada.l@example.org", name="Ada Lovelace-King"))
    page = parse(as_organiser.get(url, {"q": words}))
    assert names_on(page) == ["Ada Lovelace-King"]
    assert "a search finds people by how the name" in " ".join(page.messages)


def test_a_search_shows_no_more_than_it_says(as_organiser, conference, long, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 20)
    monkeypatch.setattr(bounded_search, "MOST_FOUND", 3)
    make_crowd(conference, 30)
    page = parse(as_organiser.get(MEMBERS, {"q": "person"}))
    assert len(names_on(page)) == 3
    assert "at most 3 of them" in " ".join(page.messages)


def test_a_person_in_two_conferences_is_found_in_both(as_organiser, conference, long):
    make_crowd(conference, 10)
    ada = make_membership(conference, name="Ada").user
    make_membership(make_conference(), user=ada)
    assert names_on(parse(as_organiser.get(MEMBERS, {"q": "ada"}))) == ["Ada", "Ada"]


def test_a_search_in_a_short_list_finds_what_is_in_the_middle(as_organiser, conference, long):
    make_membership(conference, name="Ada Lovelace")
    page = parse(as_organiser.get(MEMBERS, {"q": "velac"}))
    assert (names_on(page), page.messages) == (["Ada Lovelace"], [])


def test_a_phone_number_finds_no_one_for_those_who_do_not_see_it(
    as_organiser, admin_client, conference, long
):
    make_crowd(conference, 10)
    User.objects.filter(name="Person 00005").update(phone="+43 1 234")
    assert names_on(parse(admin_client.get(PEOPLE, {"q": "+43"}))) == ["Person 00005"]
    assert names_on(parse(as_organiser.get(PEOPLE, {"q": "+43"}))) == []


def test_a_search_finds_no_members_of_other_teams(client, conference, long):
    elsewhere = make_conference()
    make_crowd(conference, 10)
    make_crowd(elsewhere, 10, name="Else {n}")
    log_in_freshly(client, make_team_member(conference).person)
    assert names_on(parse(client.get(MEMBERS, {"q": "else"}))) == []
    assert len(names_on(parse(client.get(MEMBERS, {"q": "person"})))) > 3


# Of one conference, and by name, MariaDB sorts so few members, which is cheaper, and reads an index for more.
@pytest.mark.django_db(transaction=True)
def test_a_page_reads_few_members_and_sorts_none(as_organiser, conference, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 150)
    monkeypatch.setattr(members_in_order, "MOST_SORTED", 100)
    make_crowd(conference, 6000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE accounts_user, conferences_membership")
    as_organiser.get(MEMBERS)
    with rows_read() as page:
        assert len(names_on(parse(as_organiser.get(MEMBERS)))) == 100
    assert (page.read < 3000, page.sorted < 100) == (True, True), page


def test_members_of_a_large_conference_are_sorted_by_name(as_organiser, conference, long, monkeypatch):
    monkeypatch.setattr(members_in_order, "MOST_SORTED", 3)
    monkeypatch.setattr(BoundedPaginator, "MOST", 100)
    for name in ("zoë", "Ada", "Émile", "eva"):
        make_membership(conference, name=name)
    url = f"{MEMBERS}?conference__id__exact={conference.pk}&o="
    assert names_on(parse(as_organiser.get(url + "1"))) == ["Ada", "Émile", "eva", "zoë"]
    assert names_on(parse(as_organiser.get(url + "-1"))) == ["zoë", "eva", "Émile", "Ada"]


def test_rows_that_have_gone_since_they_were_counted_leave_a_shorter_page(conference):
    make_crowd(conference, 3)
    paginator = BoundedPaginator(Membership.objects.order_by("pk"), 2)
    assert paginator.count == 3
    Membership.objects.last().delete()
    assert [len(paginator.page(number)) for number in (1, 2)] == [2, 0]
