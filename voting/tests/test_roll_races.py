"""Races on the electoral roll, with real connections, and for each a control that goes wrong."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction  # noqa: F401 (the mark below asks for the connection)
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences import actions as conference_actions
from conferences import matching
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.roll.actions import add_to_roll, freeze_roll, remove_from_roll
from voting.elections.roll.models import RollEntry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]

MAX_WAIT_SECONDS = 0.4


@pytest.fixture
def opening(db):
    """A conference whose voting opens in a moment."""
    conference = make_conference(voting="open")
    update_elections(conference, late_joiners="may_not_vote", opens_at=timezone.now() + timedelta(seconds=2))
    conference.refresh_from_db()
    return conference


@pytest.fixture
def election(db):
    conference = make_conference(voting="open")
    members = [make_membership(conference) for _ in range(3)]
    freeze_roll(conference=conference)
    return conference, *members


def is_waiting_for_a_lock(thread):
    thread.join(MAX_WAIT_SECONDS)
    return thread.is_alive()


def test_many_freeze_a_roll_at_once_and_it_is_frozen_once(db):
    conference = make_conference(voting="open")
    for _ in range(5):
        make_membership(conference)
    threads = [InThread(lambda: freeze_roll(conference=conference)) for _ in range(16)]
    assert [t.finish().result for t in threads].count(Change.MADE) == 1
    assert RollEntry.objects.count() == 5


def test_first_votes_of_all_are_taken_at_once(db):
    conference = make_conference(voting="open")
    members = [make_membership(conference) for _ in range(8)]
    pairs = zip(members, [*members[1:], members[0]], strict=True)
    votes = [
        InThread(
            lambda v=v, c=c: actions.cast_vote(by=Actor(v.user), slug=conference.slug, candidate_id=c.pk)
        )
        for v, c in pairs
    ]
    assert [vote.finish().error for vote in votes] == [None] * 8
    assert Vote.objects.count() == 8


def joining_while_frozen(conference, person):
    """A person who has begun to join when the roll is frozen, and is stored after it was asked for."""
    has_begun, may_end = threading.Event(), threading.Event()

    def wait(_membership):
        has_begun.set()
        may_end.wait(5)

    conference_actions.AFTER_JOINING.append(wait)
    try:
        joining = InThread(
            lambda: conference_actions.join_conference(conference=conference, by=Actor(person))
        )
        assert has_begun.wait(5)
        open_by_clock = conference.election.opens_at - timezone.now()
        threading.Event().wait(max(open_by_clock.total_seconds() + 0.1, 0))
        freezing = InThread(lambda: freeze_roll(conference=conference))
        is_waiting = is_waiting_for_a_lock(freezing)
        may_end.set()
        joined = joining.finish()
        freezing.finish()
    finally:
        conference_actions.AFTER_JOINING.remove(wait)
    return joined, is_waiting


def test_freezing_waits_for_who_is_joining(opening):
    joined, is_waiting = joining_while_frozen(opening, make_user("new@example.org"))
    assert (joined.error, is_waiting) == (None, True)
    assert RollEntry.objects.filter(membership__user__email="new@example.org").count() == 1


def test_control_without_the_lock_who_is_joining_misses_the_roll(opening, monkeypatch):
    monkeypatch.setattr(matching, "BEFORE_CLAIMING", [])
    joined, is_waiting = joining_while_frozen(opening, make_user("new@example.org"))
    assert (joined.error, is_waiting) == (None, False)
    member = Membership.objects.get(user__email="new@example.org")
    assert member.joined_at <= opening.election.opens_at
    assert not RollEntry.objects.filter(membership=member).exists()


def test_organisers_at_once_add_a_voter_once(db):
    conference = make_conference(voting="open", late_joiners="may_not_vote")
    freeze_roll(conference=conference)
    late = make_membership(conference)
    chairs = [Actor(make_user(f"chair{n}@example.org", is_staff=True)) for n in range(8)]
    threads = [
        InThread(lambda by=by: add_to_roll(membership=late, by=by, reason="At the door.")) for by in chairs
    ]
    outcomes = [thread.finish() for thread in threads]
    assert [thread.error for thread in outcomes] == [None] * 8
    assert [thread.result for thread in outcomes].count(Change.MADE) == 1
    assert RollEntry.objects.filter(membership=late).count() == 1


def test_removal_and_votes_in_parallel_leave_no_valid_vote_of_the_removed(election):
    _conference, alice, bob, carol = election
    chair = Actor(make_user("chair@example.org", is_staff=True))
    cast = [
        InThread(
            lambda c=c: actions.cast_vote(by=Actor(alice.user), slug=alice.conference.slug, candidate_id=c.pk)
        )
        for c in (bob, carol) * 6
    ]
    removal = InThread(
        lambda: remove_from_roll(membership=alice, by=chair, reason="The ticket was refunded.")
    )
    errors = [thread.finish().error for thread in cast]
    assert removal.finish().error is None
    assert all(error is None or "removed you" in str(error) for error in errors)
    assert not Vote.objects.valid().filter(voter=alice).exists()


def test_removal_waits_for_a_vote_in_flight(election):
    _conference, alice, bob, _carol = election
    chair = Actor(make_user("chair@example.org", is_staff=True))
    with transaction.atomic():
        actions.cast_vote(by=Actor(alice.user), slug=alice.conference.slug, candidate_id=bob.pk)
        removal = InThread(
            lambda: remove_from_roll(membership=alice, by=chair, reason="The ticket was refunded.")
        )
        assert is_waiting_for_a_lock(removal)
    assert removal.finish().error is None
    assert not Vote.objects.valid().filter(voter=alice).exists()


def test_control_entry_read_before_the_vote_lets_a_removed_voter_vote(election):
    """Read, then write, as two steps: a removal in between goes unseen."""
    conference, alice, bob, _carol = election
    chair = Actor(make_user("chair@example.org", is_staff=True))
    assert RollEntry.objects.current().filter(membership=alice).exists()
    remove_from_roll(membership=alice, by=chair, reason="The ticket was refunded.")
    Vote.objects.create(voter=alice, election=conference.election, candidate=bob)
    assert Vote.objects.valid().filter(voter=alice).exists()
