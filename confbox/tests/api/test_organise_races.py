"""Programs of organisers that create or change one conference at once, on connections of their own."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection

from accounts.models import AdminAct
from confbox.kit.tests.threads import InThread
from confbox.tests.api.answers import kind
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import owner_of_series, program_of
from confbox.tests.api.test_organise_creating import NEW
from conferences.creating import actions as creating
from conferences.models import Conference
from conferences.tests.factories import make_conference
from voting.desk import details

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]
PROGRAMS = 6


def posted_at_once(program, path, bodies):
    """By clients with one token, which begin together."""
    start = Barrier(len(bodies))

    def post(body):
        client = Program()
        client.headers = program.headers
        start.wait(20)
        return client.post(path, body)

    threads = [InThread(lambda each=body: post(each)) for body in bodies]
    return [thread.finish().result for thread in threads]


def created_at_once(**values):
    program, _series = owner_of_series()
    return posted_at_once(program, "organise/conferences/", [NEW | values] * PROGRAMS)


@pytest.mark.parametrize("who", ["everyone", "link"])
def test_same_conference_created_by_several_at_once_is_created_once(who):
    answers = created_at_once(who=who)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Conference.objects.count() == 1
    assert AdminAct.objects.filter(act="add", kind="conference").count() == 1


def test_control_who_does_not_look_for_the_same_creates_several(monkeypatch):
    monkeypatch.setattr(creating, "_created_before", lambda *found: None)
    created_at_once()
    assert Conference.objects.count() > 1


@pytest.fixture
def draft():
    return make_conference(status="draft")


def changed_at_once(draft):
    """By programs that have read the same version."""
    program, path = program_of(draft), f"conferences/{draft.slug}/organise/details/"
    seen = program.get(path).json()["seen"]
    return posted_at_once(program, path, [{"topic": f"Topic {n}", "seen": seen} for n in range(PROGRAMS)])


def test_of_several_who_have_read_the_same_details_one_changes_them(draft):
    answers = changed_at_once(draft)
    done = [answer for answer in answers if answer.status_code == 200]
    assert [kind(answer) for answer in answers if answer not in done] == ["outdated"] * (PROGRAMS - 1)
    assert [answer.json()["topic"] for answer in done] == [Conference.objects.get().topic]
    assert AdminAct.objects.filter(act="change", kind="conference").count() == 1


def test_control_without_the_lock_several_changes_are_made(draft, monkeypatch):
    read = Barrier(PROGRAMS)

    def unlocked(pk):
        found = Conference.objects.as_of_now().get(pk=pk)
        # One that is done again after a deadlock waits alone.
        with suppress(BrokenBarrierError):
            read.wait(10)
        return found

    monkeypatch.setattr(details, "lock_conference", unlocked)
    assert sum(answer.status_code == 200 for answer in changed_at_once(draft)) > 1


def test_details_that_several_change_without_a_version_are_those_of_one_of_them(draft):
    program, path = program_of(draft), f"conferences/{draft.slug}/organise/details/"
    bodies = [{"topic": f"Topic {n}", "place": f"Place {n}"} for n in range(PROGRAMS)]
    answers = posted_at_once(program, path, bodies)
    assert {answer.status_code for answer in answers} == {200}
    stored = Conference.objects.get()
    assert stored.topic.split()[1] == stored.place.split()[1]
    assert AdminAct.objects.filter(act="change", kind="conference").count() == PROGRAMS
