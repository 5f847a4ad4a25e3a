"""What several organisers do to one roster at the same time, with real threads and connections."""

from contextlib import nullcontext
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.models import AdminAct
from confbox.kit.tests.threads import InThread
from conferences.actions import lock_conference
from conferences.models import RosterEntry
from conferences.roster import actions
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import imported, make_entry, roster_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]

MANY = 100
LIST = "\n".join(f"Person {number} <person{number}@example.org>" for number in range(30))


@pytest.fixture
def conference(db):
    return make_conference()


def together(number, act):
    """This many at once, each on a connection of its own; the result of each, or its error."""
    ready = Barrier(number)

    def run():
        ready.wait(20)
        return act()

    finished = [thread.finish() for thread in [InThread(run) for _ in range(number)]]
    return [thread.error or thread.result for thread in finished]


def test_a_hundred_imports_of_one_file_at_once_list_each_person_once(conference):
    plans = together(MANY, lambda: imported(conference, LIST))
    assert len(roster_of(conference)) == 30
    assert sorted(len(plan.new) for plan in plans) == [0] * (MANY - 1) + [30]
    assert AdminAct.objects.count() == 1


def test_control_without_the_lock_the_imports_meet(conference, monkeypatch):
    monkeypatch.setattr(actions, "lock_conference", lambda _pk: nullcontext())
    plans = together(MANY, lambda: imported(conference, LIST))
    believed = [plan for plan in plans if isinstance(plan, Exception) or plan.new]
    assert len(believed) > 1
    assert len(roster_of(conference)) in (0, 30)


def test_an_import_that_waits_too_long_for_another_is_refused_in_words(conference):
    def import_impatiently():
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        return imported(conference, LIST)

    with transaction.atomic():
        lock_conference(conference.pk)
        [refusal] = together(1, import_impatiently)
    assert isinstance(refusal, ValidationError)
    assert "Please try again." in refusal.messages[0]


def test_one_address_added_by_several_at_once_is_there_once(conference):
    found = together(10, lambda: make_entry(conference))
    refused = [result for result in found if isinstance(result, ValidationError)]
    assert (len(refused), RosterEntry.objects.count()) == (9, 1)
