"""Two organisers answer one request at once, with real connections."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401 (the mark below asks it)
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import make_user
from confbox.kit.tests.threads import InThread
from conferences.models import Conference
from conferences.tests.factories import make_conference
from voting.campaigns.models import Campaign
from voting.elections.consent import cancel_request, confirm_request, request_change
from voting.elections.models import WindowChange, WindowRequest
from voting.elections.window import close_early

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
ROUNDS = 5


@pytest.fixture
def people(db):
    return [make_user(f"o{n}@example.org", is_staff=True, is_superuser=True) for n in range(6)]


@pytest.fixture
def election(db):
    return make_conference(voting="open", window_needs_consent=True)


def at_once(*calls):
    start = threading.Barrier(len(calls))

    def begun(call):
        start.wait()
        return call()

    return [thread.finish() for thread in [InThread(lambda call=call: begun(call)) for call in calls]]


def ask(election, by, hours=5):
    at = timezone.now() + timedelta(hours=hours)
    return request_change(conference=election, closes_at=at, reason="So.", by=Actor(by))


def test_consents_at_once_make_one_change(election, people):
    request = ask(election, people[0])
    done = at_once(*(lambda by=by: confirm_request(request=request, by=Actor(by)) for by in people[1:]))
    assert [thread.error for thread in done] == [None] * 5
    assert len({thread.result.pk for thread in done}) == 1
    assert WindowChange.objects.count() == Campaign.objects.count() == 1
    assert AdminAct.objects.filter(act="move deadline").count() == 1


def test_control_consents_without_the_lock_make_several_changes(election, people):
    """A state that was read before taking the lock is not enough."""
    request, read = ask(election, people[0]), threading.Barrier(5)

    def naive(by):
        waits = WindowRequest.objects.get(pk=request.pk).state == "waiting"
        read.wait()
        if waits:
            AdminAct.objects.create(by=by, act="move deadline", kind="x", target_id="1", target="x")

    at_once(*(lambda by=by: naive(by) for by in people[1:]))
    assert AdminAct.objects.filter(act="move deadline").count() == 5


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_consent_and_withdrawal_at_once_one_wins(election, people, turn):
    request, before = ask(election, people[0]), election.election.closes_at
    done = at_once(
        lambda: confirm_request(request=request, by=Actor(people[1])),
        lambda: cancel_request(request=request, by=Actor(people[0])),
    )
    assert [type(thread.error) for thread in done].count(ValidationError) == 1
    state, stored = WindowRequest.objects.get().state, Conference.objects.get().election.closes_at
    assert (state == "confirmed") == (stored != before) == WindowChange.objects.exists()
    assert state in ("confirmed", "withdrawn")


def test_of_different_requests_at_once_one_waits(election, people):
    done = at_once(*(lambda by=by, n=n: ask(election, by, 5 + n) for n, by in enumerate(people)))
    errors = [thread.error for thread in done if thread.error]
    assert {type(error) for error in errors} == {ValidationError}
    assert WindowRequest.objects.count() == 1


def test_no_one_closes_alone_meanwhile(election, people):
    request = ask(election, people[0])
    done = at_once(
        lambda: confirm_request(request=request, by=Actor(people[1])),
        lambda: close_early(conference=election, reason="Alone.", by=Actor(people[2])),
    )
    assert [type(thread.error) for thread in done] == [type(None), ValidationError]
