"""The circuit breaker before the database: what opens and closes it."""

import socket
import threading

import MySQLdb
import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from confbox.mysql import base
from confbox.mysql.breaker import Breaker
from confbox.watching import slow_queries

needs_mariadb = pytest.mark.skipif(connection.vendor != "mysql", reason="needs MariaDB")


def lose(breaker, number=2006):
    with pytest.raises(MySQLdb.OperationalError), breaker.call():
        raise MySQLdb.OperationalError(number, "Server has gone away")


def ask(breaker):
    with breaker.call():
        return True


@needs_mariadb
def test_a_connection_that_the_server_closed_is_made_anew(transactional_db, monkeypatch):
    monkeypatch.setattr(base, "breaker", Breaker(is_web=True))
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        number = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    other.health_check_enabled, other.health_check_done, other.used_at = True, False, 0.0
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
    finally:
        other.close()


@pytest.fixture
def closed_by_the_server(transactional_db, monkeypatch):
    """A connection that was just used, in a new request, and that the server has closed since."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        number = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    other.health_check_enabled, other.health_check_done = True, False
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 60)
    yield other
    other.close()


@needs_mariadb
def test_a_query_on_a_connection_that_was_just_closed_is_repeated_on_a_new_one(
    closed_by_the_server, monkeypatch
):
    monkeypatch.setattr(base, "breaker", Breaker(is_web=True))
    with closed_by_the_server.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)


@needs_mariadb
@pytest.mark.parametrize("query", ["UPDATE accounts_user SET name = name", "SELECT 1 FOR UPDATE"])
def test_a_query_that_writes_or_locks_is_never_repeated(closed_by_the_server, query):
    with pytest.raises(OperationalError), closed_by_the_server.cursor() as cursor:
        cursor.execute(query)


@needs_mariadb
def test_where_no_new_connection_can_be_made_the_first_error_is_that_of_the_database(
    closed_by_the_server, monkeypatch
):
    def refuse(_parameters):
        raise MySQLdb.OperationalError(2003, "Can't connect")

    monkeypatch.setattr(closed_by_the_server, "get_new_connection", refuse)
    cursor = closed_by_the_server.cursor()
    with pytest.raises(OperationalError, match="Can't connect"):
        cursor.execute("SELECT 1")
    cursor.close()


@needs_mariadb
def test_a_query_that_finds_no_new_connection_is_counted_once(closed_by_the_server, monkeypatch):
    counted = []
    for module in (base, slow_queries):
        monkeypatch.setattr(module, "count", lambda *key: counted.append(key))
    closed_by_the_server.settings_dict["OPTIONS"] |= {"unix_socket": "/nowhere"}
    with pytest.raises(OperationalError), closed_by_the_server.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert counted == [("database_errors", "2002")]


@needs_mariadb
def test_a_connection_that_cannot_be_made_is_counted(transactional_db, monkeypatch):
    counted = []
    monkeypatch.setattr(base, "count", lambda *key: counted.append(key))
    other = connection.copy()
    other.settings_dict["OPTIONS"] |= {"unix_socket": "/nowhere"}
    with pytest.raises(OperationalError):
        other.ensure_connection()
    assert counted == [("database_errors", "2002")]


@needs_mariadb
def test_a_connection_that_has_failed_is_pinged_before_its_next_use(closed_by_the_server):
    with pytest.raises(OperationalError), closed_by_the_server.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = name")
    closed_by_the_server.close_if_unusable_or_obsolete()
    assert closed_by_the_server.connection is None


@needs_mariadb
def test_a_connection_that_was_just_used_is_not_pinged(transactional_db, monkeypatch):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT 1")
        before = pings(cursor)
        monkeypatch.setattr(base, "TRUSTED_SECONDS", 60)
        assert other.is_usable()
        assert pings(cursor) == before
        monkeypatch.setattr(base, "TRUSTED_SECONDS", 0)
        assert other.is_usable()
        assert pings(cursor) == before + 1
    other.close()


def pings(cursor):
    cursor.execute("SHOW SESSION STATUS LIKE 'Com_admin_commands'")
    return int(cursor.fetchone()[1])


def test_a_ping_that_hangs_counts_the_database_as_away(monkeypatch):
    monkeypatch.setattr("confbox.mysql.breaker.HANGING_SECONDS", 0.0)
    breaker = Breaker(is_web=True)
    monkeypatch.setattr(breaker, "_is_reached", threading.Event().wait)
    with pytest.raises(MySQLdb.OperationalError), breaker.call(is_ping=True):
        raise MySQLdb.OperationalError(2013, "Lost connection")
    with pytest.raises(MySQLdb.OperationalError, match="Not asked"):
        ask(breaker)


def test_where_no_thread_can_probe_nothing_is_refused_for_good(monkeypatch):
    def no_thread(_thread):
        raise RuntimeError("can't start new thread")

    breaker = Breaker(is_web=True)
    monkeypatch.setattr(breaker, "_is_reached", lambda: True)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_thread)
        lose(breaker)
    assert ask(breaker)
    assert not breaker.is_probing


class Hanging:
    """A call to a server that does not answer, in a thread of its own."""

    def __init__(self, breaker):
        self.ours, self.of_server = socket.socketpair()
        self.breaker, self.was_cut = breaker, threading.Event()
        threading.Thread(target=self.ask, daemon=True).start()

    def ask(self):
        with self.breaker.call(self.ours):
            self.ours.recv(1)
        self.was_cut.set()

    def end(self):
        self.of_server.close()
        assert self.was_cut.wait(10)
        self.ours.close()


@pytest.fixture
def hanging(monkeypatch):
    """Whether the server answers a probe has to be set before its first call hangs."""
    monkeypatch.setattr("confbox.mysql.breaker.HANGING_SECONDS", 0.1)
    monkeypatch.setattr("confbox.mysql.breaker.PROBE_SECONDS", 0.1)
    monkeypatch.setattr("confbox.mysql.breaker.LOOKS_EVERY_SECONDS", 0.02)
    calls = []

    def start(breaker):
        calls.append(Hanging(breaker))
        return calls[-1]

    yield start
    for call in calls:
        call.end()


def test_a_single_call_that_hangs_is_cut_off_if_the_database_does_not_answer(hanging, monkeypatch):
    breaker = Breaker(is_web=True)
    monkeypatch.setattr(breaker, "_is_reached", threading.Event().wait)
    assert hanging(breaker).was_cut.wait(10)
    with pytest.raises(MySQLdb.OperationalError, match="Not asked"):
        ask(breaker)


def test_a_call_that_takes_long_is_left_alone_while_the_database_answers(hanging, monkeypatch):
    breaker = Breaker(is_web=True)
    monkeypatch.setattr(breaker, "_is_reached", lambda: True)
    assert not hanging(breaker).was_cut.wait(1)
    assert ask(breaker)


def test_where_no_thread_can_probe_nothing_is_cut_off(hanging, monkeypatch):
    breaker = Breaker(is_web=True)
    monkeypatch.setattr(breaker, "_start_probe", lambda: None)
    assert not hanging(breaker).was_cut.wait(1)
    assert ask(breaker)


ACTS = {
    "begin": lambda other: other.set_autocommit(False),
    "commit": lambda other: other.commit(),
    "rollback": lambda other: other.rollback(),
}


@needs_mariadb
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_question_to_the_server_is_refused_while_it_is_away(transactional_db, monkeypatch, act):
    other = connection.copy()
    other.ensure_connection()
    with monkeypatch.context() as away:
        away.setattr(base, "breaker", Breaker(is_web=True))
        base.breaker.is_away = True
        with pytest.raises(OperationalError, match="Not asked"):
            act(other)
    other.close()


@pytest.fixture
def away(monkeypatch):
    """The breaker of the web server, to be opened and closed by the test."""
    monkeypatch.setattr(base, "breaker", Breaker(is_web=True))

    def turn(is_away):
        base.breaker.is_away = is_away

    return turn


@pytest.fixture
def other(transactional_db):
    made = connection.copy("other")
    yield made
    made.close()


def is_stored_by(other):
    with other.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('New')")
    return Group.objects.filter(name="New").exists()


@needs_mariadb
def test_what_is_written_is_stored_after_a_connection_was_refused_while_it_was_set_up(
    other, away, monkeypatch
):
    """The driver's connections begin with a transaction, until they are told not to."""
    connect = MySQLdb.connect

    def connect_last(**parameters):
        made = connect(**parameters)
        away(True)
        return made

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(MySQLdb, "connect", connect_last)
        with pytest.raises(OperationalError, match="Not asked"):
            other.ensure_connection()
    away(False)
    assert is_stored_by(other)


@needs_mariadb
def test_what_is_written_is_stored_after_the_end_of_a_transaction_was_refused(other, away):
    other.set_autocommit(False)
    away(True)
    with pytest.raises(OperationalError, match="Not asked"):
        other.set_autocommit(True)
    away(False)
    assert is_stored_by(other)


@needs_mariadb
def test_a_server_that_refuses_a_probe_has_answered(transactional_db):
    breaker, other = Breaker(is_web=True), connection.copy()
    breaker.parameters = other.get_connection_params() | {"user": "no-one"}
    assert breaker._is_reached()
