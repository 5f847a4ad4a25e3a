"""Simultaneous requests are all counted, whichever cache stores the counts."""

from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache as ShippedDatabaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from accounts import password_attempts
from confbox.kit import counts, limits
from confbox.kit.counts import count_one
from confbox.kit.limits import Limit, LimitReached, count_use_for
from confbox.kit.tests.threads import InThread

THREADS, EACH = 8, 12
races = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


@pytest.fixture(autouse=True)
def _fresh_counts(request):
    if request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture
def within_an_hour():
    """No count of an hour begins anew while the test runs."""
    with time_machine.travel(datetime.now(UTC).replace(minute=30), tick=True):
        yield


def at_once(call):
    """Makes the call repeatedly in each thread; all threads start together."""
    gate = Barrier(THREADS)

    def repeat():
        gate.wait(10)
        for _ in range(EACH):
            call()

    threads = [InThread(repeat) for _ in range(THREADS)]
    assert [thread.finish().error for thread in threads] == [None] * THREADS


@pytest.mark.django_db
def test_count_grows_and_ends_when_it_was_to_end_at_first():
    for _ in range(3):
        count_one("few", 60)
    assert cache.get("few") == 3


@pytest.mark.django_db
def test_counting_on_does_not_make_a_count_last_longer():
    with time_machine.travel("2026-11-26 12:00:00Z", tick=False) as clock:
        count_one("few", 60)
        clock.shift(50)
        count_one("few", 60)
        assert cache.get("few") == 2
        clock.shift(20)
        assert cache.get("few") is None
        count_one("few", 60)
        assert cache.get("few") == 1


@pytest.mark.django_db
def test_what_is_not_there_cannot_be_counted_on():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")


def test_count_in_memory_loses_none(monkeypatch):
    memory = LocMemCache("counts", {})
    memory.clear()
    monkeypatch.setattr(counts, "cache", memory)
    at_once(lambda: count_one("memory", 60))
    assert memory.get("memory") == THREADS * EACH


class TestOnSeveralConnections:
    pytestmark = races

    def test_count_loses_none(self):
        at_once(lambda: count_one("race", 60))
        assert cache.get("race") == THREADS * EACH

    def test_count_of_djangos_own_cache_loses_some(self, monkeypatch):
        """What the test above would see if counting were not atomic."""
        monkeypatch.setattr(type(caches["default"]), "incr", ShippedDatabaseCache.incr)
        at_once(lambda: count_one("race", 60))
        assert cache.get("race") < THREADS * EACH

    def test_wrong_passwords_at_once_are_all_counted(self, rf, monkeypatch):
        monkeypatch.setattr(password_attempts, "NETWORK_FAILURES", THREADS * EACH)
        request = rf.post("/accounts/login/", REMOTE_ADDR="192.0.2.9")
        at_once(lambda: password_attempts.record_failure(request))
        assert cache.get(password_attempts._key("wrong", "192.0.2.9")) == THREADS * EACH

    def test_limit_of_an_hour_counts_all(self, within_an_hour):
        limit = Limit("few", person="1000/h")
        at_once(lambda: count_use_for(limit, person="7"))
        (key,) = limits._counts(limit, person="7", network="")
        assert cache.get(key) == THREADS * EACH

    def test_limit_of_an_hour_is_reached_by_uses_at_once(self, within_an_hour):
        limit = Limit("few", person=f"{THREADS * EACH}/h")
        at_once(lambda: count_use_for(limit, person="8"))
        with pytest.raises(LimitReached):
            count_use_for(limit, person="8")
