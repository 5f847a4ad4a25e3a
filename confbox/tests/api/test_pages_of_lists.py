"""Lists in pages: each row once, also while rows are added and removed."""

import pytest
from django.utils import timezone

from confbox.kit.api.pages import cursor_of
from confbox.tests.api.calls import Program
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db


def walk(program, path, limit):
    cursor, found = "", []
    while cursor is not None:
        page = program.get(f"{path}?limit={limit}&cursor={cursor}").json()
        found.append(page["items"])
        cursor = page["next"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_each_row_is_on_one_page(db, limit):
    made = [make_conference(slug=f"conf-{n}", title=f"Conf {n}") for n in range(5)]
    # Two of them start at the same time.
    Conference.objects.filter(slug="conf-1").update(starts_at=made[0].starts_at, ends_at=made[0].ends_at)
    pages = walk(Program(), "conferences/", limit)
    order = list(Conference.objects.order_by("starts_at", "pk").values_list("slug", flat=True))
    assert [item["slug"] for page in pages for item in page] == order
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


def test_rows_that_are_added_and_removed_move_nothing(db):
    for n in range(4):
        make_conference(slug=f"conf-{n}")
    slugs = list(Conference.objects.order_by("starts_at", "pk").values_list("slug", flat=True))
    program = Program()
    first = program.get("conferences/?limit=2").json()
    Conference.objects.get(slug=slugs[1]).delete()
    early = make_conference(slug="early")
    Conference.objects.filter(pk=early.pk).update(starts_at=Conference.objects.get(slug=slugs[0]).starts_at)
    second = program.get(f"conferences/?limit=2&cursor={first['next']}").json()
    assert slugs[2] in [item["slug"] for item in second["items"]]
    assert slugs[0] not in [item["slug"] for item in second["items"]]


def test_header_has_the_url_of_the_next_page(db):
    for n in range(2):
        make_conference(slug=f"conf-{n}")
    response = Program().get("conferences/?limit=1")
    url = response.headers["Link"].split(">")[0].lstrip("<")
    assert response.headers["Link"].endswith('; rel="next"')
    assert url.startswith("http://testserver/api/v1/conferences/?limit=1&cursor=")
    assert Program().client.get(url).json()["next"] is None


def test_order_of_a_ballot_is_the_same_on_every_page_and_that_of_the_page(alice, bob, conference):
    for person in (bob, *(make_membership(conference) for _number in range(12))):
        make_pitch(person)
    program = Program(alice.user)
    ids = [item["id"] for page in walk(program, "conferences/open-conf/ballot/", 5) for item in page]
    assert len(ids) == len(set(ids)) == 13
    assert ids == [
        item["id"] for item in program.get("conferences/open-conf/ballot/?limit=100").json()["items"]
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_members_are_listed_by_name_each_once(alice, bob, carol, conference, limit):
    names = [
        item["name"]
        for page in walk(Program(alice.user), "conferences/open-conf/members/", limit)
        for item in page
    ]
    assert names == sorted(names)
    assert len(names) == 3


def test_members_who_join_and_leave_meanwhile_move_no_one_to_another_page(alice, bob, carol, conference):
    dora, eve = (make_membership(conference, name=name) for name in ("Dora", "Eve"))
    program, path = Program(alice.user), "conferences/open-conf/members/?limit=2"
    first = program.get(path).json()
    assert [item["id"] for item in first["items"]] == [alice.pk, bob.pk]
    make_membership(conference, name="Aaron")
    second = program.get(f"{path}&cursor={first['next']}").json()
    assert [item["id"] for item in second["items"]] == [carol.pk, dora.pk]
    Membership.objects.filter(pk=bob.pk).update(left_at=timezone.now())
    third = program.get(f"{path}&cursor={second['next']}").json()
    assert [item["id"] for item in third["items"]] == [eve.pk]


def test_page_after_a_member_who_has_left_begins_with_the_next(alice, bob, carol, conference):
    program, path = Program(alice.user), "conferences/open-conf/members/?limit=2"
    cursor = program.get(path).json()["next"]
    Membership.objects.filter(pk=bob.pk).update(left_at=timezone.now())
    assert [item["id"] for item in program.get(f"{path}&cursor={cursor}").json()["items"]] == [carol.pk]


def test_invented_place_does_not_tell_the_name_of_a_member_who_is_not_listed(alice, bob, carol, conference):
    """The name is that of the cursor, and not that of the member with the ID."""
    Membership.objects.filter(pk=bob.pk).update(is_listed=False)
    for name, expected in (("", [alice.pk, carol.pk]), ("Bob", [carol.pk]), ("Zoe", [])):
        cursor = cursor_of([0, name, bob.user_id])
        found = Program(alice.user).get(f"conferences/open-conf/members/?cursor={cursor}").json()["items"]
        assert [item["id"] for item in found] == expected


def test_members_are_searched(alice, bob, conference):
    found = Program(alice.user).get(f"conferences/open-conf/members/?q={bob.user.name}").json()["items"]
    assert [item["id"] for item in found] == [bob.pk]


def test_members_are_listed_for_members_with_the_sentence_of_the_page(stranger, conference):
    response = Program(stranger).get("conferences/open-conf/members/")
    assert response.status_code == 403
    assert response.json()["detail"] == "The list of members is for members of this conference."
