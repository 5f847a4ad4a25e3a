"""Races on the vote, with real threads and connections.

Each race has its control: the same race without the protection must go wrong, or the race proves nothing.
SQLite has one writer at a time, so only MariaDB can race.
"""

import re
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.threads import InThread
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.listing import set_listed
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.tracker import make_nonce
from voting.elections.roll.actions import freeze_roll
from voting.elections.statements import CAST_VOTE
from voting.tests.factories import close_by_clock

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]

MAX_WAIT_SECONDS = 0.4
"""Seconds after which a statement that has not come back is waiting for a lock."""


@pytest.fixture
def election(db):
    conference = make_conference(voting="open")
    members = [make_membership(conference) for _ in range(3)]
    freeze_roll(conference=conference)
    return conference, *members


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)


def cast_with(statement, voter, candidate):
    parameters = {
        "slug": voter.conference.slug,
        "user_id": voter.user_id,
        "candidate_id": candidate.pk,
        "nonce": make_nonce(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def without_lock():
    unlocked = CAST_VOTE["mysql"].replace("LOCK IN SHARE MODE", "")
    assert unlocked != CAST_VOTE["mysql"]
    return unlocked


def test_one_voter_in_parallel_has_one_vote(election):
    _conference, alice, bob, carol = election
    threads = [InThread(lambda c=c: cast(alice, c)) for c in (bob, carol) * 8]
    assert [t.finish().error for t in threads] == [None] * 16
    assert Vote.objects.filter(voter=alice).count() == 1


def test_control_read_then_write_breaks_in_parallel(election):
    _conference, alice, bob, carol = election
    barrier = threading.Barrier(8)

    def naive(candidate):
        seen = Vote.objects.filter(voter=alice).first()
        barrier.wait(10)
        if seen:
            Vote.objects.filter(voter=alice).update(candidate=candidate)
        else:
            Vote.objects.create(voter=alice, conference=alice.conference, candidate=candidate)

    threads = [InThread(lambda c=c: naive(c)) for c in (bob, carol) * 4]
    assert [t.finish().error for t in threads].count(None) < 8


def close_slowly(conference, count):
    """Closes and counts in one transaction, and waits a while before it commits."""
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        Election.objects.filter(pk=locked.pk).update(closes_at=timezone.now())
        count.append(Vote.objects.filter(election=locked.election).count())
        late.set()
        threading.Event().wait(MAX_WAIT_SECONDS)


late = threading.Event()


def race_with_the_close(election, vote):
    conference, alice, bob, _carol = election
    counted = []
    late.clear()
    closing = InThread(lambda: close_slowly(conference, counted))
    assert late.wait(10)
    voting = InThread(lambda: vote(alice, bob))
    closing.finish()
    voting.finish()
    return counted[0], Vote.objects.filter(election=conference.election).count()


def test_no_vote_lands_after_the_close(election):
    counted, stored = race_with_the_close(election, cast)
    assert (counted, stored) == (0, 0)


def test_control_without_the_share_lock_a_vote_lands_after_the_close(election):
    counted, stored = race_with_the_close(election, lambda v, c: cast_with(without_lock(), v, c))
    assert (counted, stored) == (0, 1)


def race_of_a_vote_in_flight(election, statement):
    """Alice's vote changes from Carol to Bob, not yet committed; closing counts meanwhile.

    Foreign key checks are off on this connection: InnoDB's check happens to lock the conference as well,
    and this race is to show that our own lock suffices.
    """
    conference, alice, bob, carol = election
    cast(alice, carol)
    moved, counted = threading.Event(), []

    def move():
        with transaction.atomic(), connection.constraint_checks_disabled():
            cast_with(statement, alice, bob)
            moved.set()
            threading.Event().wait(MAX_WAIT_SECONDS)

    def close_and_count():
        with transaction.atomic():
            locked = lock_election(conference.pk).conference
            close_by_clock(locked)
            counted.extend(chosen(conference))

    voting = InThread(move)
    assert moved.wait(10)
    closing = InThread(close_and_count)
    voting.finish()
    assert closing.finish().error is None
    return counted, chosen(conference)


def chosen(conference):
    return list(Vote.objects.filter(election=conference.election).values_list("candidate", flat=True))


def test_the_count_waits_for_a_vote_in_flight(election):
    bob = election[2]
    assert race_of_a_vote_in_flight(election, CAST_VOTE["mysql"]) == ([bob.pk], [bob.pk])


def test_control_without_the_share_lock_the_count_misses_a_vote_in_flight(election):
    bob, carol = election[2:]
    assert race_of_a_vote_in_flight(election, without_lock()) == ([carol.pk], [bob.pk])


def race_with_the_publication(election, statement):
    """Ballots are published, not yet committed, when a vote arrives; by its times voting is still open."""
    conference, alice, bob, _carol = election
    published = threading.Event()

    def publish():
        with transaction.atomic():
            locked = lock_election(conference.pk).conference
            PublishedBallots.objects.create(
                election=locked.election, ballots="", digest="", signature="", result={}
            )
            published.set()
            threading.Event().wait(MAX_WAIT_SECONDS)

    publishing = InThread(publish)
    assert published.wait(10)
    voting = InThread(lambda: cast_with(statement, alice, bob))
    publishing.finish()
    assert voting.finish().error is None
    return Vote.objects.filter(election=conference.election).count()


def test_no_vote_lands_after_the_publication_of_the_ballots(election):
    assert race_with_the_publication(election, CAST_VOTE["mysql"]) == 0


def test_control_without_the_question_for_ballots_a_vote_lands_after_the_publication(election):
    unasking = re.sub("AND NOT EXISTS [^\n]*", "", CAST_VOTE["mysql"])
    assert race_with_the_publication(election, unasking) == 1


def leave(member):
    actions.leave_conference(membership=member, by=Actor(member.user))


def hide(member):
    set_listed(membership=member, is_listed=False, by=Actor(member.user))


def race_with_the_leaving_candidate(election, vote, go=leave):
    """The candidate has left or hidden but not committed when the vote for them arrives."""
    conference, alice, bob, _carol = election
    left = threading.Event()

    def leave():
        with transaction.atomic():
            go(bob)
            left.set()
            threading.Event().wait(MAX_WAIT_SECONDS)

    # Here the lock on the election's row is not the protection, so leaving without it must be safe too.
    leaving = InThread(leave)
    assert left.wait(10)
    voting = InThread(lambda: vote(alice, bob))
    leaving.finish()
    voting.finish()
    return Vote.objects.valid().filter(election=conference.election, candidate=bob).count(), voting.error


def test_no_vote_for_a_member_who_leaves_meanwhile(election):
    votes, error = race_with_the_leaving_candidate(election, cast)
    assert votes == 0
    assert "is no longer a member" in error.message


def test_control_without_the_share_lock_a_leaver_keeps_a_vote(election):
    votes, _error = race_with_the_leaving_candidate(election, lambda v, c: cast_with(without_lock(), v, c))
    assert votes == 1


def test_no_vote_for_a_member_who_hides_meanwhile(election):
    votes, error = race_with_the_leaving_candidate(election, cast, hide)
    assert votes == 0
    assert "no such member to vote for" in error.message


def test_control_without_the_share_lock_a_hidden_member_keeps_a_vote(election):
    unlocked = without_lock()
    votes, _error = race_with_the_leaving_candidate(election, lambda v, c: cast_with(unlocked, v, c), hide)
    assert votes == 1


def test_window_is_read_after_the_wait_for_the_lock(election):
    """A vote that began before voting closed and got the row after it is too late, by the server's clock."""
    conference, alice, bob, _carol = election
    Election.objects.filter(pk=conference.pk).update(
        closes_at=timezone.now() + timedelta(seconds=MAX_WAIT_SECONDS / 2)
    )
    held = threading.Event()

    def hold():
        with transaction.atomic():
            lock_election(conference.pk)
            held.set()
            threading.Event().wait(MAX_WAIT_SECONDS)

    holding = InThread(hold)
    assert held.wait(10)
    voting = InThread(lambda: cast(alice, bob))
    holding.finish()
    assert "Voting closed on" in voting.finish().error.message
    assert Vote.objects.count() == 0


def test_voters_do_not_wait_for_each_other(election):
    _conference, alice, bob, carol = election
    with transaction.atomic():
        cast(alice, carol)
        other = InThread(lambda: cast(bob, carol)).finish()
        assert other.error is None
    assert Vote.objects.filter(candidate=carol).count() == 2


def lose_connection():
    connection.ensure_connection()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f"KILL {connection.connection.thread_id()}")
    other.close()


def test_vote_whose_connection_was_lost_is_stored_over_a_new_one(election):
    _, voter, candidate, _ = election
    lose_connection()
    cast(voter, candidate)
    assert Vote.objects.get().candidate == candidate


def test_control_without_the_new_connection_it_is_not(election):
    _, voter, candidate, _ = election
    lose_connection()
    with pytest.raises(OperationalError):
        cast_with(CAST_VOTE["mysql"], voter, candidate)
    connection.close()
    assert not Vote.objects.exists()
