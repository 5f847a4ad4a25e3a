"""Moving the deadline while votes are in flight and while the ballots are published."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction  # noqa: F401 (the mark below asks for the connection)
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.threads import InThread
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign
from voting.campaigns.notices import notify_invited_of_window
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts.actions import publish_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.elections.window import close_early, move_deadline
from voting.tests.factories import close_by_clock
from voting.tests.invitations import make_invited

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
MAX_WAIT_SECONDS = 0.4


@pytest.fixture
def election(db):
    conference = make_conference(voting="open")
    return conference, *(make_membership(conference) for _ in range(2))


@pytest.fixture
def by(db):
    return make_user("organiser@example.org", is_staff=True)


def in_hours(number):
    return timezone.now() + timedelta(hours=number)


def with_lock_of(conference, first, then):
    """Runs `first` in a transaction that stays open for a while; `then` starts meanwhile."""
    begun = threading.Event()

    def slowly():
        with transaction.atomic():
            first()
            begun.set()
            threading.Event().wait(MAX_WAIT_SECONDS)

    threads = [InThread(slowly)]
    assert begun.wait(10)
    threads.append(InThread(then))
    return [thread.finish().error for thread in threads]


def end_now(conference):
    Election.objects.filter(pk=conference.pk).update(closes_at=timezone.now())


def test_a_move_that_waited_for_the_publication_is_refused(election, by):
    conference = election[0]

    def publish():
        close_by_clock(conference)
        publish_ballots(conference=conference)

    errors = with_lock_of(
        conference,
        publish,
        lambda: move_deadline(conference=conference, closes_at=in_hours(5), reason="So.", by=Actor(by)),
    )
    assert [type(error) for error in errors] == [type(None), ValidationError]
    assert not Conference.objects.get().election.is_open()


def test_control_a_move_by_what_was_read_before_reopens_a_published_vote(election):
    conference = election[0]
    read = Conference.objects.get()

    def publish():
        close_by_clock(conference)
        publish_ballots(conference=conference)

    def naive():
        assert read.election.is_open()
        Election.objects.filter(pk=read.pk).update(closes_at=in_hours(5))

    assert with_lock_of(conference, publish, naive) == [None, None]
    assert Conference.objects.get().election.is_open()
    assert PublishedBallots.objects.exists()


def test_a_publication_that_waited_for_a_move_publishes_nothing(election, by):
    conference = election[0]
    Election.objects.update(closes_at=timezone.now() + timedelta(seconds=MAX_WAIT_SECONDS / 2))
    errors = with_lock_of(
        conference,
        lambda: move_deadline(conference=conference, closes_at=in_hours(5), reason="So.", by=Actor(by)),
        lambda: publish_ballots(conference=conference),
    )
    assert [type(error) for error in errors] == [type(None), ValidationError]
    assert not PublishedBallots.objects.exists()


def test_a_vote_that_waited_for_an_early_close_is_refused(election, by):
    conference, alice, bob = election

    def vote():
        actions.cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk)

    errors = with_lock_of(
        conference,
        lambda: close_early(conference=conference, reason="So.", by=Actor(by)),
        vote,
    )
    assert [type(error) for error in errors] == [type(None), ValidationError]
    assert not Vote.objects.exists()


def test_a_vote_that_waited_for_a_later_deadline_counts(election, by):
    conference, alice, bob = election
    errors = with_lock_of(
        conference,
        lambda: move_deadline(conference=conference, closes_at=in_hours(50), reason="So.", by=Actor(by)),
        lambda: actions.cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk),
    )
    assert errors == [None, None]
    assert Vote.objects.count() == 1


def move_by_six_at_once(conference):
    """Six organisers, each to a deadline of their own. Returns their errors."""
    seen = Conference.objects.get().election.closes_at
    people = [make_user(f"organiser{n}@example.org", is_staff=True) for n in range(6)]
    start = threading.Barrier(len(people))

    def move(person, to):
        start.wait()
        move_deadline(conference=conference, closes_at=to, reason="So.", by=Actor(person), seen=seen)

    threads = [InThread(lambda p=p, n=n: move(p, in_hours(30 + n))) for n, p in enumerate(people)]
    return [thread.finish().error for thread in threads]


def test_two_organisers_at_once_move_the_deadline_once(election, roles):
    errors = move_by_six_at_once(election[0])
    assert sum(error is None for error in errors) == 1
    assert {type(error) for error in errors if error} == {ValidationError}


def test_two_organisers_at_once_notify_who_was_invited_once(election, roles):
    make_invited(election[0])
    move_by_six_at_once(election[0])
    assert Campaign.objects.filter(kind="windowinvite").count() == 1


def test_control_constraint_refuses_a_second_email_to_those_invited_about_one_change(election, by):
    conference = Conference.objects.get()
    make_invited(conference)
    change = move_deadline(conference=conference, closes_at=in_hours(30), reason="So.", by=Actor(by))
    with pytest.raises(IntegrityError):
        notify_invited_of_window(change)
