"""Cancelling while votes are in flight, and by two organisers at once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401 (the mark below asks for it)

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.threads import InThread
from conferences.changes.actions import cancel_conference
from conferences.models import Conference, ConferenceChange
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign
from voting.elections import actions
from voting.elections.models import Vote
from voting.tests.invitations import make_invited
from voting.tests.test_window_races import with_lock_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def cast(db):
    conference = make_conference(voting="open")
    members = [make_membership(conference) for _ in range(2)]
    return conference, *members, make_user("organiser@example.org", is_staff=True)


def cancel(conference, organiser, reason="A storm."):
    return cancel_conference(conference=conference, reason=reason, by=Actor(organiser))


def vote(alice, bob):
    actions.cast_vote(by=Actor(alice.user), slug=alice.conference.slug, candidate_id=bob.pk)


def test_a_vote_that_waited_for_the_cancelling_is_refused(cast):
    conference, alice, bob, organiser = cast
    errors = with_lock_of(conference, lambda: cancel(conference, organiser), lambda: vote(alice, bob))
    assert [type(error) for error in errors] == [type(None), ValidationError]
    assert not Vote.objects.exists()


def test_control_a_status_that_is_only_written_lets_the_vote_pass(cast):
    conference, alice, bob, _organiser = cast

    def write():
        Conference.objects.update(status="inactive")

    assert with_lock_of(conference, write, lambda: vote(alice, bob)) == [None, None]
    assert Vote.objects.exists()


def test_two_organisers_at_once_cancel_once(cast):
    conference, _alice, _bob, organiser = cast
    second = make_user("second@example.org", is_staff=True)
    threads = [InThread(lambda by=by: cancel(conference, by)) for by in (organiser, organiser, second)]
    errors = [type(thread.finish().error) for thread in threads]
    assert ConferenceChange.objects.count() == Campaign.objects.filter(kind="conference").count() == 1
    assert ValidationError in errors


def test_who_was_invited_gets_one_email_from_two_organisers_at_once(cast):
    conference, _alice, _bob, organiser = cast
    make_invited(conference)
    second = make_user("second@example.org", is_staff=True)
    for thread in [InThread(lambda by=by: cancel(conference, by)) for by in (organiser, organiser, second)]:
        thread.finish()
    assert Campaign.objects.filter(kind="changeinvite").count() == 1
