"""The circuit breaker before the database: what opens and closes it."""

import threading

import MySQLdb
import pytest
from django.db import connection

from confbox.mysql import base
from confbox.mysql.breaker import Breaker


def lose(breaker, number=2006):
    with pytest.raises(MySQLdb.OperationalError), breaker.call():
        raise MySQLdb.OperationalError(number, "Server has gone away")


def ask(breaker):
    with breaker.call():
        return True


@pytest.mark.skipif(connection.vendor != "mysql", reason="needs MariaDB")
def test_a_connection_that_the_server_closed_is_made_anew(transactional_db, monkeypatch):
    monkeypatch.setattr(base, "breaker", Breaker(12))
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        number = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    other.health_check_enabled, other.health_check_done = True, False
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
    finally:
        other.close()


def test_a_ping_that_hangs_counts_the_database_as_away(monkeypatch):
    monkeypatch.setattr("confbox.mysql.breaker.HANGING_SECONDS", 0.0)
    breaker = Breaker(12)
    monkeypatch.setattr(breaker, "_is_reached", threading.Event().wait)
    with pytest.raises(MySQLdb.OperationalError), breaker.call(is_ping=True):
        raise MySQLdb.OperationalError(2013, "Lost connection")
    with pytest.raises(MySQLdb.OperationalError, match="Not asked"):
        ask(breaker)


def test_where_no_thread_can_probe_nothing_is_refused_for_good(monkeypatch):
    def no_thread(_thread):
        raise RuntimeError("can't start new thread")

    breaker = Breaker(12)
    monkeypatch.setattr(breaker, "_is_reached", lambda: True)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_thread)
        lose(breaker)
    assert ask(breaker)
    assert not breaker.is_probing
