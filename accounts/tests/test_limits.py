"""Limits per person and per network, and heavy work one at a time."""

import threading
import time

import pytest
import time_machine
from django.core.cache import cache

from accounts.tests.factories import make_user
from confbox.kit import limits
from confbox.kit.limits import Limit, LimitReached, alone_on_this_host, count_use, heavy_work, network_key

FEW = Limit("few", person="2/h", network="3/h")


@pytest.fixture(autouse=True)
def _fresh_counts(db):
    cache.clear()


@pytest.fixture
def asked(rf):
    """A request of this person from this IP address."""

    def ask(person, address="127.0.5.1"):
        request = rf.post("/", REMOTE_ADDR=address)
        request.user = person
        return request

    return ask


@pytest.fixture
def dora():
    return make_user("dora@example.org")


@pytest.fixture
def emil():
    return make_user("emil@example.org")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_network_is_what_one_subscriber_has(address, network):
    assert network_key(address) == network


def test_person_who_has_used_up_the_limit_reads_until_when(asked, dora):
    with time_machine.travel("2026-11-26 10:50:00Z", tick=False):
        for _ in range(2):
            count_use(FEW, asked(dora))
        with pytest.raises(LimitReached, match="in 10 minutes") as refusal:
            count_use(FEW, asked(dora))
    assert (refusal.value.status, refusal.value.retry_after_seconds) == (429, 600)


def test_limit_of_one_person_is_not_that_of_another(asked, dora, emil):
    for _ in range(2):
        count_use(FEW, asked(dora))
    count_use(FEW, asked(emil))


def test_person_may_again_in_the_next_hour(asked, dora):
    with time_machine.travel("2026-11-26 10:50:00Z", tick=False):
        for _ in range(2):
            count_use(FEW, asked(dora))
    with time_machine.travel("2026-11-26 11:00:01Z", tick=False):
        count_use(FEW, asked(dora))


def test_one_ipv6_subscriber_has_one_limit(asked, dora, emil):
    for number in range(3):
        count_use(FEW, asked((dora, emil)[number % 2], f"2001:db8::{number}"))
    with pytest.raises(LimitReached):
        count_use(FEW, asked(emil, "2001:db8::ffff"))
    count_use(FEW, asked(emil, "2001:db8:0:1::1"))


def test_heavy_work_finds_its_lock_taken_and_uses_nothing_up(asked, dora, emil):
    with heavy_work(FEW, asked(dora)), pytest.raises(LimitReached) as refusal, heavy_work(FEW, asked(emil)):
        pass
    assert (refusal.value.status, refusal.value.retry_after_seconds) == (503, limits.BUSY_RETRY_SECONDS)
    for _ in range(2):
        with heavy_work(FEW, asked(emil, "127.0.5.2")):
            pass


def test_lock_is_free_again_after_work_that_failed(asked, dora, emil):
    with pytest.raises(ZeroDivisionError), heavy_work(FEW, asked(dora)):
        raise ZeroDivisionError
    with heavy_work(FEW, asked(emil)):
        pass


def test_a_person_who_has_used_up_the_limit_does_not_keep_the_lock_from_others(asked, dora):
    for _ in range(2):
        count_use(FEW, asked(dora))
    with limits.heavy_work_lock, pytest.raises(LimitReached) as refusal, heavy_work(FEW, asked(dora)):
        pass
    assert refusal.value.status == 429


def test_one_works_and_the_other_waits(settings, tmp_path):
    settings.VAR_DIR, steps = tmp_path, []

    def work():
        with alone_on_this_host("work"):
            steps.append("in")
            time.sleep(0.05)
            steps.append("out")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps == ["in", "out"] * 4


def test_a_person_who_waits_for_another_process_does_not_wait_indefinitely(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(limits, "MAX_WAIT_SECONDS", 0.05)
    with alone_on_this_host("work"), pytest.raises(LimitReached) as refusal, alone_on_this_host("work"):
        pass
    assert refusal.value.status == 503


def test_count_of_a_minute_asks_no_database(asked, dora, django_assert_num_queries):
    often = Limit("often", person="2/m")
    with time_machine.travel("2026-11-26 10:00:00Z", tick=False), django_assert_num_queries(0):
        for _ in range(2):
            count_use(often, asked(dora))
        with pytest.raises(LimitReached):
            count_use(often, asked(dora))
    with time_machine.travel("2026-11-26 10:01:00Z", tick=False):
        count_use(often, asked(dora))


def test_counts_of_a_process_do_not_grow_indefinitely(monkeypatch):
    monkeypatch.setattr(limits, "MOST_COUNTS_HERE", 10)
    with time_machine.travel("2026-11-26 10:00:00Z", tick=False) as clock:
        for number in range(100):
            limits.here.count(str(number), 60)
            clock.shift(30)
    assert len(limits.here._counts) < 15
