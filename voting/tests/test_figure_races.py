"""Many who look at a large vote at once, with real connections; SQLite has one writer at a time."""

import threading

import pytest
from django.db import connection  # noqa: F401 (the mark below asks it)
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from confbox.kit.tests.queues import IN_DATABASE
from confbox.kit.tests.threads import InThread
from conferences.tests.factories import make_conference, make_membership
from voting.elections.figures import kept
from voting.elections.figures.counting import count_figure
from voting.elections.figures.kept import ask_for_count, is_due, kept_figure
from voting.elections.figures.tasks import count_kept_figure
from voting.elections.models import KeptFigure
from voting.elections.roll.actions import freeze_roll

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
KIND = "turnout"
WHO_LOOK = 12


@pytest.fixture
def election(db, settings, monkeypatch):
    settings.TASKS = IN_DATABASE
    monkeypatch.setattr(kept, "MOST_COUNTED", 0)
    conference = make_conference(voting="open")
    make_membership(conference)
    freeze_roll(conference=conference)
    conference.refresh_from_db()
    return conference.election


def at_once(call):
    """Calls it on connections of their own, started at the same time."""
    start = threading.Barrier(WHO_LOOK)

    def begun():
        start.wait()
        return call()

    threads = [InThread(begun) for _ in range(WHO_LOOK)]
    done = [thread.finish() for thread in threads]
    assert [thread.error for thread in done if thread.error] == []
    return [thread.result for thread in done]


def test_many_who_look_at_once_have_it_counted_once(election):
    at_once(lambda: kept_figure(election, KIND))
    assert DBTaskResult.objects.count() == 1
    count_figure(election_id=election.pk, kind=KIND)
    KeptFigure.objects.update(counted_at=timezone.now() - kept.RENEWED_AFTER * 2)
    at_once(lambda: kept_figure(election, KIND))
    assert DBTaskResult.objects.count() == 2


def test_of_those_who_saw_the_same_figure_one_asks(election):
    asked = at_once(lambda: ask_for_count(election_id=election.pk, kind=KIND, seen=None))
    assert asked.count(True) == 1


def test_one_who_saw_the_figure_before_it_was_counted_again_does_not_ask(election):
    ask_for_count(election_id=election.pk, kind=KIND, seen=None)
    count_figure(election_id=election.pk, kind=KIND)
    assert not ask_for_count(election_id=election.pk, kind=KIND, seen=None)


def test_a_count_that_was_lost_is_asked_for_again_once(election):
    lost = timezone.now() - kept.LOST_AFTER * 2
    KeptFigure.objects.create(election=election, kind=KIND, asked_at=lost)
    at_once(lambda: kept_figure(election, KIND))
    assert DBTaskResult.objects.count() == 1


def test_control_those_who_only_see_that_it_is_due_have_it_counted_many_times(election):
    KeptFigure.objects.create(election=election, kind=KIND)
    together = threading.Barrier(WHO_LOOK)

    def ask():
        is_asked = is_due(KeptFigure.objects.get(), timezone.now())
        together.wait()
        if is_asked:
            count_kept_figure.enqueue(election_id=election.pk, kind=KIND)

    at_once(ask)
    assert DBTaskResult.objects.count() == WHO_LOOK


def test_a_task_that_two_workers_run_at_once_is_kept_once(election):
    kept_figure(election, KIND)
    done = at_once(lambda: count_figure(election_id=election.pk, kind=KIND))
    assert done.count(True) == 1
