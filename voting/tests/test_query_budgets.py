"""How many queries a page may cost, and that more rows do not cost more."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conferences.models import Membership, RosterEntry
from conferences.tests.factories import make_membership
from conferences.tests.rosters.entries import make_entry
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import make_pitch, make_vote

PAGES = [
    "/",
    "/?show=mine",
    "/?q=conf",
    "/conferences/open-conf/",
    "/conferences/open-conf/members/",
    "/conferences/open-conf/members/?q=per",
    "/conferences/open-conf/ballot/",
    "/conferences/open-conf/ballot/?q=per",
    "/conferences/open-conf/results/",
    "/conferences/open-conf/pitch/",
    "/me/",
]
AT_MOST = {"/conferences/open-conf/results/": 10, "/me/": 9}
"""Queries of a page; 8 unless it says otherwise."""


@pytest.fixture
def live(conference):
    Election.objects.update(results_visibility="live")
    return conference


def grow(conference, number):
    for _ in range(number):
        voter, candidate = make_membership(conference), make_membership(conference)
        make_pitch(candidate)
        make_vote(voter, candidate)


def queries_of(client, url):
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [q["sql"] for q in captured.captured_queries]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_costs_its_budget_and_no_more_with_more_rows(as_alice, live, alice, bob, url):
    make_vote(alice, bob)
    make_pitch(bob)
    freeze_roll(conference=live)
    grow(live, 1)
    few = queries_of(as_alice, url)
    grow(live, 30)
    many = queries_of(as_alice, url)
    assert len(many) == len(few), many
    assert len(few) <= AT_MOST.get(url, 8), few


def test_where_only_the_roster_votes_a_member_costs_one_query_more(as_alice, conference, alice):
    Election.objects.update(opens_at=timezone.now() + timedelta(hours=1))
    make_entry(conference, alice.user.email)
    RosterEntry.objects.update(membership=alice)
    few = queries_of(as_alice, "/conferences/open-conf/")
    Election.objects.update(who_votes="roster")
    assert len(queries_of(as_alice, "/conferences/open-conf/")) <= len(few) + 1


def test_casting_a_vote_costs_two_queries(as_alice, alice, conference, bob):
    freeze_roll(conference=conference)
    key = as_alice.session.session_key
    UserSession.objects.create(user=alice.user, session_key=key, ip="127.0.0.1")
    with CaptureQueriesContext(connection) as captured:
        as_alice.post("/conferences/open-conf/vote/", {"candidate": bob.pk})
    written = [q["sql"].split()[0] for q in captured.captured_queries]
    assert written == ["SELECT", "INSERT"], captured.captured_queries


def ten_thousand_members(conference):
    people = [User(email=f"m{n}@example.org", name=f"Member {n}") for n in range(10_000)]
    User.objects.bulk_create(people, batch_size=1000)
    rows = [Membership(conference=conference, user=u) for u in User.objects.filter(email__startswith="m")]
    Membership.objects.bulk_create(rows, batch_size=1000)


@pytest.mark.slow
def test_at_ten_thousand_votes_the_desk_counts_them_once(as_organiser, conference, bob, carol):
    ten_thousand_members(conference)
    voters = Membership.objects.filter(user__email__startswith="m")
    rows = [Vote(voter=v, election=conference.election, candidate=(bob, carol)[v.pk % 2]) for v in voters]
    Vote.objects.bulk_create(rows, batch_size=1000)
    asked = queries_of(as_organiser, f"/admin/voting/votes/{conference.pk}/turnout/")
    assert len([sql for sql in asked if "COUNT(*)" in sql and "voting_vote" in sql]) == 1, asked
    assert len(asked) <= 12


@pytest.mark.slow
def test_ten_thousand_members_cost_no_query_more_than_ten(as_alice, live, alice, bob):
    make_vote(alice, bob)
    make_pitch(bob)
    for _ in range(30):
        make_membership(live)
    freeze_roll(conference=live)
    few = {url: len(queries_of(as_alice, url)) for url in PAGES}
    ten_thousand_members(live)
    many = {url: len(queries_of(as_alice, url)) for url in PAGES}
    assert many == few


@pytest.mark.parametrize("url", ["/conferences/open-conf/", "/conferences/open-conf/ballot/"])
def test_after_the_close_the_link_to_the_result_keeps_the_budget(as_alice, conference, alice, bob, url):
    make_vote(alice, bob)
    freeze_roll(conference=conference)
    Election.objects.update(closes_at=timezone.now())
    found = queries_of(as_alice, url)
    assert len(found) <= AT_MOST.get(url, 8), found
