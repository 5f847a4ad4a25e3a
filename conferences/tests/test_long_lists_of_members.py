"""Very long lists of people and members in the admin: read in the order of an index."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit import bounded_search
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.sorting import Alphabetical
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences import members_along_an_index
from conferences.membership_admin import MembershipAdmin
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


@pytest.fixture
def crowded(conference, monkeypatch):
    """So many members that sorting them takes longer than walking to those of a page."""
    monkeypatch.setattr(BoundedPaginator, "MOST", 150)
    # Other tests leave gaps between the IDs.
    monkeypatch.setattr(members_along_an_index, "most_people", lambda: 6_010)
    make_crowd(conference, 6000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE accounts_user, conferences_membership")
    return f"{MEMBERS}?conference__id__exact={conference.pk}"


def cost_of(client, url):
    client.get(url)
    with rows_read() as page:
        names = names_on(parse(client.get(url)))
    return names, page


@pytest.mark.django_db(transaction=True)
def test_a_page_reads_few_members_and_sorts_none(as_organiser, crowded):
    for url in [MEMBERS, *(f"{crowded}&o={column}" for column in ("1", "-1", "2", "-2", "4", "-4"))]:
        names, cost = cost_of(as_organiser, url)
        assert (len(names), cost.read < 3000, cost.sorted < 100) == (100, True, True), (url, cost)


@pytest.mark.django_db(transaction=True)
def test_a_page_of_few_among_many_is_sorted(as_organiser, crowded):
    Membership.objects.filter(user__name="Person 05000").update(left_at=timezone.now())
    names, cost = cost_of(as_organiser, f"{crowded}&o=1&left_at__isempty=0")
    assert (names, cost.read < 1000) == (["Person 05000"], True), cost


@pytest.fixture
def walked(monkeypatch, long):
    monkeypatch.setattr(members_along_an_index, "is_walk_shorter", lambda rows, last: True)
    monkeypatch.setattr(BoundedPaginator, "MOST", 5)
    monkeypatch.setattr(MembershipAdmin, "list_per_page", 2)


@pytest.mark.parametrize(("column", "start"), [("1", ["Ada", "Émile"]), ("2", ["zoë", "Ada"])])
def test_members_of_a_large_conference_are_in_order(as_organiser, conference, walked, column, start):
    make_membership(make_conference(), name="Aaron")
    for number, name in enumerate(["zoë", "Ada", "eva", "Eva", "Émile", "Zoë"]):
        make_membership(conference, user=make_user(f"{number}@example.org", name=name))
    url = f"{MEMBERS}?conference__id__exact={conference.pk}&o="

    def on_pages(direction):
        pages = [names_on(parse(as_organiser.get(f"{url}{direction}{column}&p={n}"))) for n in (1, 2, 3)]
        return [name for page in pages for name in page]

    expected = Membership.objects.filter(conference=conference)
    by = [Alphabetical("user__sort_name"), "user"] if column == "1" else ["user__email"]
    names = list(expected.order_by(*by).values_list("user__name", flat=True))
    assert names[:2] == start
    assert on_pages("") == names[:5]
    assert on_pages("-") == names[:0:-1]


@pytest.mark.parametrize(
    ("url", "offered"),
    [
        (PEOPLE, ["name", "email", "disabled"]),
        (MEMBERS, []),
        (f"{MEMBERS}?conference__id__exact=%d", ["person", "address", "left"]),
        ("/admin/accounts/adminact/", ["when"]),
    ],
)
def test_a_list_that_is_too_long_is_sorted_by_what_an_index_has(
    as_organiser, organiser, conference, long, url, offered
):
    make_crowd(conference, 10)
    for _ in range(6):
        log_act(by=Actor(organiser), act="edit", target=organiser)
    page = parse(as_organiser.get(url % conference.pk if "%" in url else url))
    classes = page.attributes("#result_list thead th.sortable", "class")
    assert [names.split("column-")[1].split()[0] for names in classes] == offered


def test_a_link_that_sorts_by_another_column_is_not_followed_in_a_list_that_is_too_long(
    as_organiser, conference, long
):
    make_crowd(conference, 10)
    User.objects.filter(name="Person 00005").update(profession="Acrobat")
    by_profession = names_on(parse(as_organiser.get(f"{PEOPLE}?o=3")))
    assert by_profession == names_on(parse(as_organiser.get(PEOPLE)))


def test_what_a_search_has_found_is_sorted_by_any_column(as_organiser, conference, long):
    make_crowd(conference, 10)
    User.objects.filter(name="Person 00005").update(profession="Acrobat")
    User.objects.exclude(name="Person 00005").update(profession="Baker")
    page = parse(as_organiser.get(f"{PEOPLE}?o=3&q=person"))
    assert names_on(page)[0] == "Person 00005"
    assert len(page.attributes("#result_list thead th.sortable", "class")) > 3


def test_rows_that_have_gone_since_they_were_counted_leave_a_shorter_page(conference):
    make_crowd(conference, 3)
    paginator = BoundedPaginator(Membership.objects.order_by("pk"), 2)
    assert paginator.count == 3
    Membership.objects.last().delete()
    assert [len(paginator.page(number)) for number in (1, 2)] == [2, 0]
