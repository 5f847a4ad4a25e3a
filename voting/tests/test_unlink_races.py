"""Workers, the command and organisers at once at the end of a dispute, and workers that are killed in it."""

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import make_user
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.receipts.actions import unlink_overdue_voters, unlink_voters
from voting.elections.receipts.holds import keep_linked
from voting.elections.receipts.models import PublishedBallots
from voting.elections.tally import tally_of
from voting.tests.factories import make_vote
from voting.tests.test_desk_races import at_once
from voting.tests.test_window_races import with_lock_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
COMMAND = Actor.of_command()
work = partial(unlink_overdue_voters, by=COMMAND)


@pytest.fixture
def closed(db):
    """Three have voted, and the days for disputes have passed."""
    conference = make_conference(slug="open-conf", voting="open")
    members = [make_membership(conference) for _ in range(3)]
    for voter, candidate in zip(members, members[1:] + members[:1], strict=True):
        make_vote(voter, candidate)
    actions.close_voting(conference=conference)
    PublishedBallots.objects.update(published_at=timezone.now() - timedelta(days=15))
    return Conference.objects.get()


def acts():
    return AdminAct.objects.filter(act="unlink voters").count()


def counted(conference):
    return [(each.name, each.votes, each.rank) for each in tally_of(conference).standings]


def run_command():
    call_command("unlink_voters", "open-conf", verbosity=0)


def test_two_workers_and_the_command_at_once_unlink_once(closed, capsys):
    before, digest = counted(closed), PublishedBallots.objects.get().digest
    done = at_once(work, work, run_command, run_command)
    assert [thread.error for thread in done] == [None] * 4
    assert (Vote.objects.count(), acts()) == (0, 1)
    assert (counted(Conference.objects.get()), PublishedBallots.objects.get().digest) == (before, digest)
    call_command("recount", "open-conf")
    assert "agrees with everything published" in capsys.readouterr().out


def test_control_who_only_asks_whether_it_was_done_does_it_twice(closed):
    asked = threading.Barrier(2)

    def unlink():
        is_linked = PublishedBallots.objects.filter(unlinked_at=None).exists()
        asked.wait(10)
        if is_linked:
            AdminAct.objects.create(act="unlink voters")

    at_once(unlink, unlink)
    assert acts() == 2


# Killed in between


def kill_before_deleting(verb):
    """Runs the verb in a process that is killed when it is about to delete the votes."""
    reached, told = multiprocessing.get_context("fork").Pipe(duplex=False)
    connections.close_all()

    def wait_at_delete(execute, sql, parameters, many, context):
        if sql.startswith("DELETE") and "voting_vote" in sql:
            told.send(True)
            time.sleep(60)
        return execute(sql, parameters, many, context)

    def run():
        with connection.execute_wrapper(wait_at_delete):
            verb()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    assert reached.poll(20), "it never came to delete the votes"
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert process.exitcode == -signal.SIGKILL


def test_a_worker_that_is_killed_in_between_has_changed_nothing_and_the_next_one_does_it(closed):
    kill_before_deleting(work)
    assert (Vote.objects.count(), acts(), PublishedBallots.objects.get().unlinked_at) == (3, 0, None)
    work()
    assert (Vote.objects.count(), acts()) == (0, 1)
    assert PublishedBallots.objects.get().unlinked_at


def test_control_the_same_kill_without_a_transaction_leaves_votes_that_are_said_to_be_unlinked(closed):
    def unlink():
        PublishedBallots.objects.update(unlinked_at=timezone.now())
        Vote.objects.all().delete()

    kill_before_deleting(unlink)
    assert PublishedBallots.objects.get().unlinked_at
    assert Vote.objects.count() == 3


# Against those who keep voters linked


@pytest.fixture
def hold(closed):
    by = Actor(make_user("organiser@example.org", is_staff=True))
    until = timezone.now() + timedelta(days=5)
    return partial(keep_linked, conference=closed, until=until, reason="A dispute.", by=by)


def test_a_worker_that_waited_for_organisers_leaves_the_votes(closed, hold):
    assert with_lock_of(closed, hold, work) == [None, None]
    assert (Vote.objects.count(), acts()) == (3, 0)


def test_organisers_who_waited_for_a_worker_learn_that_it_is_too_late(closed, hold):
    errors = with_lock_of(closed, work, hold)
    assert [type(error) for error in errors] == [type(None), ValidationError]
    assert "permanently removed" in errors[1].message
    assert PublishedBallots.objects.get().held_until is None


def test_control_a_hold_that_is_written_without_the_lock_comes_too_late(closed, hold):
    def write():
        PublishedBallots.objects.update(held_until=timezone.now() + timedelta(days=5))

    unlink = partial(unlink_voters, conference=closed, by=COMMAND)
    assert with_lock_of(closed, unlink, write) == [None, None]
    assert PublishedBallots.objects.get().held_until
    assert not Vote.objects.exists()
