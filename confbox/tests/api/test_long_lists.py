"""Every list costs no more queries for more rows, and has each row on one page, whatever their number."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from confbox.kit.limits import here
from confbox.kit.tests.queues import IN_DATABASE
from confbox.tests.api.long_lists import ASKED, GROWTH, PATHS, World
from confbox.tests.operations import document
from conferences import members_in_order
from conferences.memberships.roster.models import RosterEntry
from conferences.models import Membership
from conferences.roster import listing
from conferences.tests.factories import make_membership
from conferences.tests.rosters.entries import make_entry
from voting.elections.moderation.models import Report

pytestmark = pytest.mark.django_db
LISTS = {
    operation["operationId"]: path.removeprefix("/api/v1/")
    for path, methods in document()["paths"].items()
    for operation in methods.values()
    if any(given.get("name") == "cursor" for given in operation.get("parameters", ()))
}


@pytest.fixture
def world(roles, settings):
    settings.TASKS = IN_DATABASE
    return World()


def page(world, name, **query):
    here.clear()
    endpoint = world.endpoint_of_series if name.endswith("_of_series") else world.endpoint
    ids = {
        "slug": PATHS.get(name, "open-conf"),
        "series_id": world.series.pk,
        "webhook_id": endpoint.pk,
    }
    path = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), LISTS[name])
    fields = "&".join([ASKED.get(name, ""), *(f"{field}={value}" for field, value in query.items())])
    response = world.program.get(f"{path}?{fields.strip('&')}")
    assert response.status_code == 200, response.content
    return response.json()


def queries_of(world, name):
    """How many, and how many rows; without the note of when the token was used."""
    with CaptureQueriesContext(connection) as captured:
        found = page(world, name, limit=100)
    asked = [query for query in captured if not query["sql"].startswith("UPDATE")]
    return len(asked), len(found["items"])


def pages(world, name, **query):
    """One after the other; what is done meanwhile happens before the next one is asked for."""
    cursor = ""
    for _number in range(50):
        found = page(world, name, cursor=cursor, **query)
        yield found["items"]
        cursor = found["next"]
        if cursor is None:
            return
    pytest.fail("The list has no end.")


def walked(world, name, limit):
    return [item for items in pages(world, name, limit=limit) for item in items]


def test_every_list_is_tested():
    assert GROWTH.keys() == LISTS.keys()


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_cost_no_more_queries(world, name):
    for _row in range(2):
        world.grow(name)
    queries_of(world, name)
    few, rows_before = queries_of(world, name)
    for _row in range(6):
        world.grow(name)
    many, rows = queries_of(world, name)
    assert rows == rows_before + 6
    assert many <= few


@pytest.mark.parametrize("name", LISTS)
def test_each_row_is_on_one_page_in_the_same_order(world, name):
    for _row in range(7):
        world.grow(name)
    whole = page(world, name, limit=100)["items"]
    assert len(whole) >= 7
    for limit in (1, 3):
        assert walked(world, name, limit) == whole


@pytest.fixture(params=["sorted", "walked"])
def lists(request, monkeypatch):
    """As they are in a small conference, and as if three members and entries were many."""
    if request.param == "walked":
        if connection.vendor != "mysql":
            pytest.skip("SQLite is for fewer people")
        monkeypatch.setattr(members_in_order, "MOST_SORTED", 3)
        monkeypatch.setattr(members_in_order, "SMALLEST_SHARE", 0)
        monkeypatch.setattr(listing, "MOST_WHOLE", 3)


def leave(name):
    Membership.objects.filter(user__name=name).update(left_at=timezone.now())


LISTS_OF_MEMBERS = [
    ("members", {}),
    ("members", {"q": "walker"}),
    ("managed_members", {}),
    ("managed_candidates", {"q": "walker"}),
    ("voters", {}),
]


@pytest.mark.parametrize(("name", "query"), LISTS_OF_MEMBERS)
def test_members_who_leave_and_join_meanwhile_move_no_one_else(world, lists, name, query):
    conference = world.later if name == "voters" else world.conference
    names = [f"Walker {letter}" for letter in "BCDEFGH"]
    for each in names:
        make_membership(conference, name=each)
    seen = []
    for items in pages(world, name, limit=2, **query):
        seen += [row["name"] for row in items]
        # The last one of the page leaves, whose place is in the cursor, and two join around it.
        leave(seen[-1])
        make_membership(conference, name=f"Walker A{len(seen)}")
        make_membership(conference, name=f"{seen[-1]}a")
    assert [each for each in seen if each in names] == names
    assert len(set(seen)) == len(seen)
    assert not any(each.startswith("Walker A") for each in seen)


@pytest.mark.parametrize("query", [{}, {"q": "walker"}], ids=["all", "search"])
def test_entries_that_are_removed_and_added_meanwhile_move_no_other(world, lists, query):
    boxes = [f"walker{letter}@example.org" for letter in "bcdefgh"]
    for box in boxes:
        make_entry(world.conference, box)
    seen = []
    for items in pages(world, "roster", limit=2, state="listed", **query):
        seen += [row["email"] for row in items]
        RosterEntry.objects.filter(email=seen[-1]).update(removed_at=timezone.now())
        make_entry(world.conference, f"walkera{len(seen)}@example.org")
    assert seen == boxes


def seen_while_each_last_one_changes(world, name, change):
    """The members of all rows, and those seen page after page while the last one of each page changes."""
    for _row in range(7):
        world.grow(name)
    whole = [row["member_id"] for row in page(world, name, limit=100)["items"]]
    seen = []
    for items in pages(world, name, limit=2):
        seen += [row["member_id"] for row in items]
        change(seen[-1])
    return whole, seen


def test_report_that_is_settled_meanwhile_moves_no_other(world):
    def settle(member_id):
        Report.objects.filter(membership=member_id).update(settled_at=timezone.now(), outcome="dismissed")

    whole, seen = seen_while_each_last_one_changes(world, "reports", settle)
    assert seen == whole


def test_pitch_that_is_shown_again_meanwhile_moves_no_other(world):
    def leave_conference(member_id):
        Membership.objects.filter(pk=member_id).update(left_at=timezone.now())

    whole, seen = seen_while_each_last_one_changes(world, "moderation", leave_conference)
    assert seen == whole


def test_next_page_follows_names_of_every_script(world):
    for name in ("漢" * 150, "𝒜" * 150, "2027-01-01T00:00:00+00:00", "ÿ" * 150):
        make_membership(world.conference, name=name)
    assert len(walked(world, "managed_members", 1)) == 5


@pytest.mark.parametrize("lists", ["walked"], indirect=True)
def test_profession_that_is_not_shown_finds_no_one(world, lists):
    """Where its member is between the others would tell how it begins."""
    for name, profession, shown in (("Joanna", "Annalist", False), ("Zoe", "Anna", True)):
        member = make_membership(world.conference, name=name)
        member.user.profession, member.user.shows_profession = profession, shown
        member.user.save()
    for _row in range(3):
        make_membership(world.conference)
    found = page(world, "managed_members", q="ann", limit=100)["items"]
    assert [row["name"] for row in found] == ["Zoe"]
