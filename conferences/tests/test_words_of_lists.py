"""The lists of the admin say in plain words what they show: how many of what, filtered by what."""

import pytest
from django.utils import timezone

from accounts.audit_log import log_act
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND

pytestmark = pytest.mark.django_db
ACTS, MEMBERS = "/admin/accounts/adminact/", "/admin/conferences/membership/"
PEOPLE, VOTES = "/admin/accounts/user/", "/admin/voting/votes/"
LISTS = [ACTS, MEMBERS, PEOPLE, VOTES, "/admin/conferences/conference/", "/admin/voting/campaign/"]
LISTS += ["/admin/voting/decision/", "/admin/voting/pitch/", "/admin/conferences/series/"]


def make_acts(number):
    for n in range(number):
        log_act(by=BY_COMMAND, act="change", target=make_user(f"person{n}@example.org"))


def counted(client, url):
    return parse(client.get(url)).part(".paginator").text


@pytest.mark.parametrize(("number", "words"), [(1, "1 act"), (2, "2 acts")])
def test_the_audit_log_counts_acts(as_organiser, number, words):
    make_acts(number)
    assert counted(as_organiser, ACTS) == words


def test_the_list_of_votes_counts_conferences(as_organiser, conference):
    assert counted(as_organiser, VOTES) == "1 conference"


def test_the_list_of_members_counts_members(as_organiser, alice, bob):
    assert counted(as_organiser, MEMBERS) == "2 members"


def test_a_search_says_what_it_found(as_organiser, alice, bob):
    found = parse(as_organiser.get(f"{MEMBERS}?q=Alice")).part("#changelist-search .quiet").text
    assert found == "Found: 1 member (Show all)"


def test_a_list_without_a_search_counts_once(as_organiser, alice):
    assert not parse(as_organiser.get(MEMBERS)).has("#changelist-search .quiet")


def test_all_after_a_search_are_those_of_the_same_conference(as_organiser, alice):
    url = f"{MEMBERS}?conference__id__exact={alice.conference_id}&q=Nobody"
    page = parse(as_organiser.get(url))
    assert page.attributes("#changelist-search .quiet a", "href") == [
        f"?conference__id__exact={alice.conference_id}"
    ]


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("more", ["?", "?_facets=True"])
def test_no_choice_of_a_filter_is_a_word_of_the_database(as_organiser, alice, url, more):
    links = parse(as_organiser.get(url + more)).texts("#changelist-filter a")
    words = {text.partition(" (")[0] for text in links}
    assert words.isdisjoint({"Empty", "Not empty", "-", "–"})


def test_no_list_has_an_instruction_as_its_title(as_organiser, conference):
    titles = [parse(as_organiser.get(url)).part("#content > h1").text for url in LISTS]
    assert [title for title in titles if title.startswith("Select")] == []


@pytest.mark.parametrize(
    ("column", "choice", "shown"),
    [
        ("left_at", "Members now", "Stays"),
        ("left_at", "Have left", "Gone"),
        ("excluded_at", "Not excluded", "Stays"),
        ("excluded_at", "Excluded from the vote", "Gone"),
    ],
)
def test_members_are_filtered_by_words(as_organiser, column, choice, shown):
    conference = make_conference()
    make_membership(conference, name="Stays")
    make_membership(conference, name="Gone", **{column: timezone.now()})
    page = parse(as_organiser.get(MEMBERS))
    links = dict(
        zip(page.texts("#changelist-filter a"), page.attributes("#changelist-filter a", "href"), strict=True)
    )
    found = parse(as_organiser.get(MEMBERS + links[choice]))
    assert found.texts("#result_list .field-person") == [shown]


def test_a_card_has_the_heading_of_what_says_nothing_without_it(as_organiser, alice, bob):
    row = parse(as_organiser.get(VOTES)).texts("#result_list td")
    assert [cell for cell in row if cell[-1] in "0123456789%"][-3:] == [
        "Members: 2",
        "Votes: 0",
        "Turnout: 0%",
    ]


def test_a_card_leaves_out_what_is_empty(as_organiser, conference):
    assert parse(as_organiser.get("/admin/conferences/conference/")).has(".field-series > .cell-empty")


@pytest.mark.parametrize(("is_active", "shown"), [(True, "–"), (False, "Disabled: yes")])
def test_the_list_of_people_marks_accounts_that_are_disabled(as_organiser, is_active, shown):
    make_user("dora@example.org", is_active=is_active)
    page = parse(as_organiser.get(f"{PEOPLE}?q=dora"))
    assert page.texts("#result_list .field-disabled") == [shown]
