"""The pages that members use most run at most eight queries, however many members there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conferences.tests.factories import make_conference, make_membership
from voting.elections.models import Decision
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import close_and_decide, make_pitch, make_vote

BUDGET = 8
PAGES = ["/conferences/open-conf/", "/conferences/open-conf/members/", "/conferences/open-conf/ballot/"]


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.fixture
def voted(conference, alice, bob):
    make_pitch(bob)
    make_vote(alice, bob)
    freeze_roll(conference=conference)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_conference_asks_at_most_eight_times(as_alice, voted, path):
    assert queries(as_alice, path) <= BUDGET


@pytest.mark.parametrize("path", [*PAGES, "/conferences/open-conf/ballot/?q=o", "/", "/me/"])
def test_more_members_cost_no_more_queries(as_alice, alice, voted, conference, path):
    few = queries(as_alice, path)
    for _ in range(5):
        make_pitch(make_membership(conference))
        make_membership(make_conference(voting="open"), user=alice.user)
    assert queries(as_alice, path) == few


@pytest.mark.parametrize("answer", ["pending", "accepted"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_decided_conference_asks_at_most_eight_times(
    as_alice, bob, voted, conference, organiser, path, answer
):
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Only one")
    Decision.objects.filter(pk=decision.pk).update(answer=answer)
    assert queries(as_alice, path) <= BUDGET
