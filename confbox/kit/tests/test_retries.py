"""Acts that the database undoes to break a deadlock are done again, and some for which it was lost."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from confbox.kit import retries
from confbox.kit.retries import ATTEMPTS, retried, sent_again_if_lost
from confbox.kit.tests.threads import InThread

LOST = OperationalError(2013, "Lost connection to server during query")
DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr(retries, "WAIT_SECONDS", 0)
    monkeypatch.setattr(retries, "PAUSE_SECONDS", 0.01)


class Failing:
    """An act that raises the given errors, one at each attempt, and then succeeds."""

    def __init__(self, *errors):
        self.errors, self.attempts = list(errors), 0

    def __call__(self):
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.django_db(transaction=True)
def test_an_act_that_a_deadlock_undid_is_done_again():
    act = Failing(DEADLOCK)
    assert retried(act)() == "done"
    assert act.attempts == 2


@pytest.mark.django_db(transaction=True)
def test_the_last_deadlock_is_raised():
    act = Failing(*[DEADLOCK] * ATTEMPTS)
    with pytest.raises(OperationalError):
        retried(act)()
    assert act.attempts == ATTEMPTS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError(2006, "gone"), OperationalError(), ValueError("no")])
def test_another_error_is_raised_at_once(error):
    act = Failing(error)
    with pytest.raises(type(error)):
        retried(act)()
    assert act.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_within_another_transaction_nothing_is_done_again():
    act = Failing(DEADLOCK)
    with pytest.raises(OperationalError), transaction.atomic():
        retried(act)()
    assert act.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_for_which_the_database_was_lost_is_done_again_until_it_is_back():
    act = Failing(LOST, OperationalError(2002, "refused"), OperationalError(2002, "refused"))
    assert sent_again_if_lost(act)() == "done"
    assert act.attempts == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1047, 1180, 1184, 1290, 1836])
def test_an_act_that_a_node_refused_because_it_left_the_cluster_is_done_on_another_one(number):
    act = Failing(OperationalError(number, "WSREP has not yet prepared node for application use"))
    assert sent_again_if_lost(act)() == "done"
    assert act.attempts == 2


@pytest.mark.django_db(transaction=True)
def test_an_act_is_not_done_again_two_seconds_after_it_began(monkeypatch):
    monkeypatch.setattr(retries, "RECONNECT_SECONDS", 0)
    act = Failing(LOST)
    with pytest.raises(OperationalError):
        sent_again_if_lost(act)()
    assert act.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_reported_after_two_seconds(monkeypatch):
    monkeypatch.setattr(retries, "RECONNECT_SECONDS", 0.1)
    with pytest.raises(OperationalError):
        sent_again_if_lost(Failing(*[LOST] * 1000))()
    assert retries.waiting.acquire(blocking=False)
    retries.waiting.release()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError(1114, "full"), OperationalError(), ValueError("no")])
def test_for_another_error_no_new_connection_is_made(error):
    act = Failing(error)
    with pytest.raises(type(error)):
        sent_again_if_lost(act)()
    assert act.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_that_was_lost_nothing_is_done_again():
    act = Failing(LOST)
    with pytest.raises(OperationalError), transaction.atomic():
        sent_again_if_lost(act)()
    assert act.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_once_enough_threads_wait_for_the_database_others_are_told_at_once(monkeypatch):
    monkeypatch.setattr(retries, "waiting", threading.BoundedSemaphore(1))
    act = Failing(LOST)
    with retries.waiting, pytest.raises(OperationalError):
        sent_again_if_lost(act)()
    assert act.attempts == 1


@pytest.fixture
def table(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE retried_acts (id int PRIMARY KEY, n int) ENGINE=InnoDB")
        cursor.execute("INSERT INTO retried_acts VALUES (1, 0), (2, 0)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE retried_acts")


def crossing_acts():
    """Two acts that change the same two rows in opposite orders, and meet once between them."""
    barrier = threading.Barrier(2)

    def act(first, second, met):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE retried_acts SET n = n + 1 WHERE id = %s", [first])
            if not met:
                met.append(True)
                barrier.wait(10)
            cursor.execute("UPDATE retried_acts SET n = n + 1 WHERE id = %s", [second])

    return [(act, 1, 2, []), (act, 2, 1, [])]


def outcomes_of(acts):
    threads = [InThread(lambda a=act, r=rest: a(*r)) for act, *rest in acts]
    return [thread.finish().error for thread in threads]


def counted():
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM retried_acts ORDER BY id")
        return [n for (n,) in cursor.fetchall()]


needs_mysql = pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")


@needs_mysql
@pytest.mark.usefixtures("table")
def test_two_acts_that_lock_each_other_out_are_both_done():
    assert outcomes_of([(retried(act), *rest) for act, *rest in crossing_acts()]) == [None, None]
    assert counted() == [2, 2]


@needs_mysql
@pytest.mark.usefixtures("table")
def test_control_without_another_attempt_one_of_them_fails():
    errors = [error for error in outcomes_of(crossing_acts()) if error]
    assert [error.args[0] for error in errors] == [1213]
    assert counted() == [1, 1]
