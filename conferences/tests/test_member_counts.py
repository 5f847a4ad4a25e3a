"""The number of members on the page of a conference."""

import pytest
from django.db import connection

from accounts.models import User
from confbox.kit.row_counts import Counted, count_rows
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences import member_counts
from conferences.member_counts import member_count
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_conference, make_membership

pytestmark = pytest.mark.django_db


def test_members_are_those_who_are_there_with_an_active_account(conference, alice, bob, carol):
    gone = make_membership(conference, left_at=conference.created_at)
    User.objects.filter(pk__in=[carol.user_id, gone.user_id]).update(is_active=False)
    make_membership(make_conference())
    assert member_count(conference) == Counted(2)


@pytest.mark.parametrize(
    ("most", "counted"), [(4, Counted(3)), (3, Counted(3)), (2, Counted(2, is_more=True))]
)
def test_rows_are_counted_up_to_a_bound(conference, alice, bob, carol, most, counted):
    assert count_rows(Membership.objects.all(), most) == counted


def test_page_says_that_there_are_more(client, conference, monkeypatch):
    assert "0 members" in parse(client.get(conference.get_absolute_url())).part("#facts").text
    monkeypatch.setattr(member_counts, "MOST_COUNTED", 2)
    make_crowd(conference, 3)
    assert "More than 2 members" in parse(client.get(conference.get_absolute_url())).part("#facts").text


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB says how many rows it read")
@pytest.mark.parametrize("disabled", [False, True])
def test_no_more_rows_are_read_than_for_the_bound(conference, monkeypatch, disabled):
    make_crowd(conference, 3000)
    if disabled:
        User.objects.update(is_active=False)
    with rows_read() as all_of_them:
        member_count(conference)
    monkeypatch.setattr(member_counts, "MOST_COUNTED", 100)
    with rows_read() as few:
        member_count(conference)
    assert few.read < 350
    assert all_of_them.read > 3000
