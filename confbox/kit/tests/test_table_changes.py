"""Migrations on MariaDB, while another transaction uses the table."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection, transaction

from confbox.kit import table_changes
from confbox.kit.table_changes import PatientChanges
from confbox.kit.tests.threads import InThread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer"),
]
ADD = "ALTER TABLE drill_table ADD COLUMN {} INT NULL"


@pytest.fixture(autouse=True)
def table(monkeypatch):
    monkeypatch.setattr(table_changes, "PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(table_changes, "ATTEMPTS", 2)
    monkeypatch.setattr(table_changes, "ATTEMPTS_HALFWAY", 4)
    run("CREATE TABLE drill_table (id INT PRIMARY KEY)")
    yield
    run("DROP TABLE drill_table")


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def columns():
    with connection.cursor() as cursor:
        return [
            column.name for column in connection.introspection.get_table_description(cursor, "drill_table")
        ]


@contextmanager
def another_transaction():
    """It has read the table and does not end."""
    has_begun, has_to_end = threading.Event(), threading.Event()

    def read():
        with transaction.atomic():
            run("SELECT * FROM drill_table")
            has_begun.set()
            has_to_end.wait(20)

    thread = InThread(read)
    has_begun.wait(10)
    yield has_to_end
    has_to_end.set()
    thread.finish()


def change(*names, changes=None):
    with connection.execute_wrapper(changes or PatientChanges()):
        for name in names:
            run(ADD.format(name))


def test_a_change_waits_until_the_other_transaction_has_ended():
    with another_transaction() as has_to_end:
        threading.Timer(1.5, has_to_end.set).start()
        change("more")
    assert columns() == ["id", "more"]


def seconds_of_a_vote_meanwhile():
    with another_transaction() as has_to_end:
        threading.Timer(3, has_to_end.set).start()
        thread = InThread(lambda: change("more"))
        time.sleep(0.3)
        began = time.monotonic()
        run("SELECT * FROM drill_table")
        waited = time.monotonic() - began
        thread.join(20)
    return waited


def test_others_wait_briefly_while_a_change_waits():
    assert 0.2 < seconds_of_a_vote_meanwhile() < 1.5


def test_otherwise_they_would_wait_for_as_long_as_the_transaction_lasts(monkeypatch):
    monkeypatch.setattr(table_changes, "LOCK_SECONDS", 20)
    assert seconds_of_a_vote_meanwhile() > 2


def test_a_change_that_waits_too_long_gives_up_and_has_changed_nothing():
    with another_transaction(), pytest.raises(CommandError, match="has changed nothing yet"):
        change("more")
    assert columns() == ["id"]


def test_in_the_middle_of_a_migration_it_is_tried_for_longer():
    changes = PatientChanges()
    change("first", changes=changes)
    with another_transaction() as has_to_end:
        threading.Timer(2.6, has_to_end.set).start()
        change("second", changes=changes)
    assert columns() == ["id", "first", "second"]


def test_what_is_half_done_is_named():
    changes = PatientChanges()
    change("first", changes=changes)
    with another_transaction(), pytest.raises(CommandError, match="is half done"):
        change("second", changes=changes)


def test_each_migration_begins_anew():
    changes = PatientChanges()
    change("first", changes=changes)
    changes.begin_migration()
    with another_transaction(), pytest.raises(CommandError, match="has changed nothing yet"):
        change("second", changes=changes)


def test_another_error_is_raised_at_once():
    with pytest.raises(OperationalError, match="Duplicate column"):
        change("id")


def test_later_queries_of_the_session_wait_as_before():
    run("SET SESSION lock_wait_timeout = 77")
    change("more")
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.lock_wait_timeout")
        assert cursor.fetchone() == (77,)


def test_the_command_that_migrates_waits_like_this(monkeypatch):
    seen = []
    asks = PatientChanges.__call__
    monkeypatch.setattr(PatientChanges, "__call__", lambda *all_: seen.append(all_) or asks(*all_))
    connection.close()
    before = list(connection.execute_wrappers)
    call_command("migrate", "sessions", verbosity=0)
    assert seen
    assert connection.execute_wrappers == before
