"""Two workers at the same turn, and workers that die in it, each on a connection of its own."""

import threading

import pytest
from django.core import mail
from django.db import connection

from accounts.actors import Actor
from confbox.kit.tests.threads import InThread
from conferences.models import Conference
from conferences.tests.factories import make_membership
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.tests.campaigns import dispatch_due
from voting.tests.timetable import DAY, MINUTE, make_vote_from
from voting.timetable.actions import switch_notice
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice
from voting.timetable.sending import send_due_notices, send_notice

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
AT_ONCE = 6


@pytest.fixture
def conference(db):
    found = make_vote_from(-MINUTE, 4 * DAY)
    make_membership(found)
    return found


def at_once(call):
    start = threading.Barrier(AT_ONCE)

    def begin():
        start.wait(10)
        return call()

    threads = [InThread(begin) for _ in range(AT_ONCE)]
    assert [thread.finish().error for thread in threads] == [None] * AT_ONCE


def test_workers_at_the_same_turn_send_once(conference):
    at_once(send_due_notices)
    dispatch_due()
    assert Campaign.objects.count() == 1
    assert len(mail.outbox) == 1


def test_control_without_row_and_lock_some_are_sent_twice(conference):
    """What the row and the lock prevent: each worker looks, finds nothing, and sends."""
    looked = threading.Barrier(AT_ONCE)

    def send_carelessly():
        election = Election.objects.select_related("conference").get(pk=conference.pk)
        kind = KINDS["opened"]
        is_told = Notice.objects.filter(conference=conference, kind="opened").exists()
        looked.wait(10)
        if not is_told:
            kind.send(election, kind.occasions(election))

    at_once(send_carelessly)
    assert Campaign.objects.count() == AT_ONCE


def test_constraint_alone_lets_one_row_in(conference):
    election = Election.objects.select_related("conference").get(pk=conference.pk)
    kind = KINDS["opened"]
    now = election.now

    def store_without_lock():
        row = Notice(conference=election.conference, kind=kind.code, outcome="sent", due_at=now, at=now)
        Notice.objects.bulk_create([row], ignore_conflicts=True)

    at_once(store_without_lock)
    assert Notice.objects.count() == 1


def test_worker_that_dies_before_it_commits_has_sent_nothing_and_the_next_one_sends(conference):
    def die():
        connection.set_autocommit(False)
        assert len(send_notice(conference_id=conference.pk, code="opened")) == 1
        connection.close()

    InThread(die).finish()
    assert (Campaign.objects.count(), Notice.objects.count()) == (0, 0)
    at_once(send_due_notices)
    assert Campaign.objects.count() == 1


def test_organisers_who_switch_off_at_once_switch_off_once(conference):
    def switch():
        found = Conference.objects.get(pk=conference.pk)
        switch_notice(conference=found, kind="closes_soon", by=Actor.of_command(), is_on=False)

    at_once(switch)
    assert SwitchedOffNotice.objects.count() == 1
