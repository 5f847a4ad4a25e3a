"""A request with an idempotency key is done once, however often and however fast it is sent."""

import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.utils import timezone

from accounts.answering_once import REPLAYED, Sent, answer_once
from accounts.models import AdminAct, KeptAnswer
from accounts.tests.factories import make_user
from confbox.kit.api.problems import Problem
from confbox.kit.tests.threads import InThread

CLIENTS = 16


def sent(person, *, key="draw-1", caller="token:1", body=b"{}", is_secret=False):
    parts = [b"POST", b"/api/v1/somewhere/", body]
    return Sent.of(person, caller=caller, key=key, parts=parts, is_secret=is_secret)


def act(status=200):
    """An effect, and an answer that has its ID."""
    row = AdminAct.objects.create(act="test", kind="test", target_id="1", target="test")
    return HttpResponse(json.dumps({"id": row.pk}), status=status, content_type="application/json")


def effects():
    return AdminAct.objects.filter(act="test").count()


@pytest.fixture
def person(db):
    return make_user("ada@example.org")


def test_same_request_again_gets_the_same_answer_and_has_no_effect(person):
    first, second = (answer_once(sent(person), act) for _number in range(2))
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers[REPLAYED] == "true"
    assert REPLAYED not in first.headers
    assert effects() == 1


@pytest.mark.parametrize("other", [{"body": b'{"a": 1}'}])
def test_other_request_with_the_same_key_is_refused(person, other):
    answer_once(sent(person), act)
    with pytest.raises(Problem) as refused:
        answer_once(sent(person, **other), act)
    assert refused.value.kind == "key-reused"
    assert effects() == 1


@pytest.mark.parametrize("other", [{"key": "draw-2"}, {"caller": "token:2"}])
def test_key_belongs_to_one_caller(person, other):
    answer_once(sent(person), act)
    answer_once(sent(person, **other), act)
    assert effects() == 2


@pytest.mark.parametrize("status", [404, 409, 422])
def test_refusal_is_kept(person, status):
    answer_once(sent(person), lambda: HttpResponse("no", status=status))
    assert answer_once(sent(person), act).status_code == status
    assert effects() == 0


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_what_may_succeed_later_is_not_kept_and_leaves_no_effect(person, status):
    answer_once(sent(person), lambda: act(status))
    assert effects() == 0
    assert answer_once(sent(person), act).status_code == 200
    assert effects() == 1


def test_failure_leaves_neither_effect_nor_claim(person):
    def fail():
        act()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_once(sent(person), fail)
    assert effects() == 0
    assert not KeptAnswer.objects.exists()


def test_secret_answer_is_not_stored(person):
    assert answer_once(sent(person, is_secret=True), act).status_code == 200
    with pytest.raises(Problem) as refused:
        answer_once(sent(person, is_secret=True), act)
    assert refused.value.kind == "answer-not-kept"
    assert effects() == 1


def test_table_shows_neither_key_nor_request_nor_answer(person):
    answer_once(sent(person, body=b'{"candidate": 12}'), lambda: HttpResponse('{"candidate": 12}'))
    row = KeptAnswer.objects.values_list("key", "request", "answer").get()
    assert not any(word in text for text in row for word in ("draw-1", "candidate", "12}"))
    other = sent(person, key="draw-2", body=b'{"candidate": 12}')
    assert other.request != row[1]


def test_answer_is_kept_for_a_day(person):
    answer_once(sent(person), act)
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=23))
    answer_once(sent(person), act)
    assert effects() == 1
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))
    answer_once(sent(person), act)
    assert effects() == 2


def test_old_answers_are_deleted_at_night(person):
    for key, hours in (("old", 25), ("new", 23)):
        answer_once(sent(person, key=key), act)
        mine = KeptAnswer.objects.filter(key=sent(person, key=key).key)
        mine.update(made_at=timezone.now() - timedelta(hours=hours))
    call_command("tidy", verbosity=0)
    assert KeptAnswer.objects.get().key == sent(person, key="new").key


def test_verb_that_is_undone_by_a_deadlock_is_done_again_as_a_whole(transactional_db):
    person, tries = make_user("ada@example.org"), []

    def deadlock_once():
        tries.append(1)
        response = act()
        if len(tries) == 1:
            raise OperationalError(1213, "Deadlock found")
        return response

    assert answer_once(sent(person), deadlock_once).status_code == 200
    assert (len(tries), effects()) == (2, 1)


@pytest.fixture
def real_connections(transactional_db, tmp_path):
    """Threads that write to one database at the same time; SQLite allows this only with a file."""
    if connection.vendor != "sqlite":
        yield
        return
    memory, known = connections["default"], connections.databases["default"]
    file = str(tmp_path / "race.sqlite3")
    with closing(sqlite3.connect(file)) as copy:
        memory.connection.backup(copy)
    connections.databases["default"] = known | {"NAME": file}
    del connections["default"]
    yield
    connections["default"].close()
    connections.databases["default"] = known
    connections["default"] = memory


def at_once(call):
    start = threading.Barrier(CLIENTS)

    def run():
        start.wait(20)
        return call()

    finished = [thread.finish() for thread in [InThread(run) for _number in range(CLIENTS)]]
    assert [thread.error for thread in finished if thread.error] == []
    return [thread.result for thread in finished]


def slow_act():
    response = act()
    time.sleep(0.2)
    return response


def test_many_at_once_with_one_key_have_one_effect_and_one_answer(real_connections):
    person = make_user("ada@example.org")
    answers = at_once(lambda: answer_once(sent(person), slow_act))
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert sum(REPLAYED in answer.headers for answer in answers) == CLIENTS - 1
    assert effects() == 1


def test_many_at_once_with_a_key_of_two_days_ago_have_one_new_effect_and_one_answer(real_connections):
    person = make_user("ada@example.org")
    old = answer_once(sent(person), act)
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(days=2))
    answers = at_once(lambda: answer_once(sent(person), slow_act))
    assert len({answer.content for answer in answers} - {old.content}) == 1
    assert sum(REPLAYED in answer.headers for answer in answers) == CLIENTS - 1
    assert effects() == 2


def test_control_many_at_once_without_a_key_have_as_many_effects(real_connections):
    answers = at_once(act)
    assert len({answer.content for answer in answers}) == CLIENTS
    assert effects() == CLIENTS


def test_many_at_once_whose_first_is_undone_have_one_effect(real_connections):
    person, tries = make_user("ada@example.org"), []

    def undone_first():
        tries.append(1)
        response = slow_act()
        response.status_code = 503 if len(tries) == 1 else 200
        return response

    answers = at_once(lambda: answer_once(sent(person), undone_first))
    assert sorted(answer.status_code for answer in answers) == [*[200] * (CLIENTS - 1), 503]
    assert effects() == 1


def in_a_process_that_kills_itself(call):
    """On a connection of its own, until the call kills the process as a power failure would."""
    connections.close_all()

    def run():
        connections.close_all()
        call()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def test_process_that_is_killed_between_effect_and_answer_has_had_one_effect(real_connections):
    """The client sends its request again, because it got no answer."""
    person = make_user("ada@example.org")
    in_a_process_that_kills_itself(lambda: (answer_once(sent(person), act), kill()))
    assert effects() == 1
    again = answer_once(sent(person), act)
    assert json.loads(again.content) == {"id": AdminAct.objects.get(act="test").pk}
    assert effects() == 1


def test_process_that_is_killed_before_its_effect_is_stored_has_had_none(real_connections):
    person = make_user("ada@example.org")
    in_a_process_that_kills_itself(lambda: answer_once(sent(person), lambda: (act(), kill())))
    assert effects() == 0
    assert answer_once(sent(person), act).status_code == 200
    assert effects() == 1


def test_control_answer_that_is_stored_after_the_effect_is_lost_with_the_process(real_connections):
    person = make_user("ada@example.org")
    in_a_process_that_kills_itself(lambda: (act(), kill(), answer_once(sent(person), HttpResponse)))
    answer_once(sent(person), act)
    assert effects() == 2
