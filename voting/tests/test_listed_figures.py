"""The list of votes counts those of its page, and large ones only as far as it is quick."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from confbox.kit.row_counts import BoundedPaginator, count_each
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections import listed_figures
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import make_vote
from voting.tests.listed_figures import in_list

pytestmark = pytest.mark.django_db
LIST = "/admin/voting/votes/"


@pytest.fixture
def bounded(monkeypatch):
    """As if more than two were many."""
    monkeypatch.setattr(listed_figures, "MOST_COUNTED", 2)
    monkeypatch.setattr(listed_figures, "MOST_SORTED", 1)


def opened(conference):
    before = conference.election.opens_at - timedelta(hours=1)
    Membership.objects.filter(conference=conference).update(joined_at=before)
    freeze_roll(conference=conference)
    conference.refresh_from_db()
    return conference


def cells(answer, column):
    return [cell.split()[-1] for cell in parse(answer).texts(f"td.field-{column}")]


def test_votes_are_counted_up_to_a_bound_and_then_have_no_turnout(as_organiser, conference, bounded):
    people = [make_membership(conference) for _ in range(4)]
    opened(conference)
    for voter in people[1:]:
        make_vote(voter, people[0])
    answer = as_organiser.get(LIST)
    shown = [cells(answer, column) for column in ("members", "votes", "turnout")]
    assert shown == [["4"], ["2+"], ["\u2013"]]


def test_those_who_may_vote_in_an_open_vote_are_counted_however_many(conference, bounded):
    make_crowd(conference, 5)
    assert in_list(opened(conference)).member_count == 5


def test_before_voting_opens_members_are_counted_up_to_a_bound(conference, bounded):
    make_crowd(conference, 5)
    update_elections(conference, opens_at=F("closes_at") - timedelta(minutes=1))
    assert str(in_list(conference).member_count) == "2+"


def test_more_conferences_cost_no_more_queries(as_organiser, conference):
    make_vote(make_membership(conference), make_membership(conference))
    make_conference(voting="scheduled")
    with CaptureQueriesContext(connection) as few:
        as_organiser.get(LIST)
    for state in ("open", "scheduled", "open"):
        make_conference(voting=state)
    with CaptureQueriesContext(connection) as more:
        as_organiser.get(LIST)
    assert len(more) <= len(few) <= 16


def test_rows_of_several_querysets_are_counted_by_one_query(conference):
    make_crowd(conference, 4)
    others = Membership.objects.filter(conference=make_conference())
    with CaptureQueriesContext(connection) as queries:
        found = count_each([Membership.objects.filter(conference=conference), others], 3)
    assert ([str(number) for number in found], len(queries)) == (["3+", "0"], 1)
    assert count_each([], 3) == []


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB says how many rows it read")
def test_few_rows_are_read_for_a_large_conference(as_organiser, conference, monkeypatch):
    make_crowd(conference, 3000)
    opened(conference)
    candidate, *voters = conference.memberships.all()
    Vote.objects.bulk_create(
        Vote(election=conference.election, voter=voter, candidate=candidate, tracker=f"{voter.pk:064}")
        for voter in voters
    )
    monkeypatch.setattr(listed_figures, "MOST_COUNTED", 100)
    as_organiser.get(LIST)
    with rows_read() as few:
        as_organiser.get(LIST)
    monkeypatch.setattr(listed_figures, "MOST_COUNTED", BoundedPaginator.MOST)
    with rows_read() as all_of_them:
        as_organiser.get(LIST)
    assert few.read < 1000
    assert all_of_them.read > 2900
