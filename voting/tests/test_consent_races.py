"""Several people ask for or answer one request at once, with real connections."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401 (the mark below asks it)
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from confbox.kit.tests.threads import InThread
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.steps import lapse_requests
from conferences.models import ConsentRequest, Role
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign
from voting.elections.models import WindowChange
from voting.tests.consent import CASES, make_case

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
ROUNDS = 5


def with_team(name):
    """The case, who asks, and five people who may confirm."""
    conference, case, [first, second] = make_case(name)
    more = [make_team_member(conference.series, Role.ORGANISER).person for _ in range(4)]
    return case, first, [second, *more]


def at_once(*calls):
    start = threading.Barrier(len(calls))

    def begun(call):
        start.wait()
        return call()

    return [thread.finish() for thread in [InThread(lambda call=call: begun(call)) for call in calls]]


@pytest.mark.parametrize("name", CASES)
def test_confirmed_by_several_at_once_it_is_done_once(name):
    case, first, others = with_team(name)
    asked = case.ask(first)
    done = at_once(*(lambda by=by: confirm_request(asked=asked, by=Actor(by)) for by in others))
    assert [thread.error for thread in done] == [None] * 5
    assert case.is_done()
    assert AdminAct.objects.filter(act="confirm request").count() == 1
    assert len(set(ConsentRequest.objects.values_list("answered_by", "confirmed_at"))) == 1


def test_consents_at_once_make_one_change():
    case, first, others = with_team("move")
    asked = case.ask(first)
    at_once(*(lambda by=by: confirm_request(asked=asked, by=Actor(by)) for by in others))
    assert WindowChange.objects.count() == Campaign.objects.count() == 1


def test_control_consents_without_the_lock_are_several():
    """A state that was read before taking the lock is not enough."""
    case, first, others = with_team("exclude")
    asked, read = case.ask(first), threading.Barrier(5)

    def naive(by):
        waits = ConsentRequest.objects.waiting().filter(pk=asked.pk).exists()
        read.wait()
        if waits:
            AdminAct.objects.create(by=by, act="confirm request", kind="x", target_id="1", target="x")

    at_once(*(lambda by=by: naive(by) for by in others))
    assert AdminAct.objects.filter(act="confirm request").count() == 5


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_consent_and_withdrawal_at_once_one_wins(turn):
    case, first, others = with_team("exclude")
    asked = case.ask(first)
    done = at_once(
        lambda: confirm_request(asked=asked, by=Actor(others[0])),
        lambda: cancel_request(asked=asked, by=Actor(first)),
    )
    assert [type(thread.error) for thread in done].count(ValidationError) == 1
    state = ConsentRequest.objects.get().state(timezone.now())
    assert (state == "confirmed") == case.is_done()
    assert state in ("confirmed", "withdrawn")


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_consent_and_expiry_at_once_one_wins(turn):
    case, first, others = with_team("exclude")
    asked = case.ask(first)
    ConsentRequest.objects.update(expires_at=timezone.now() + timedelta(milliseconds=30))
    done = at_once(lambda: confirm_request(asked=asked, by=Actor(others[0])), lapse_requests, lapse_requests)
    state = ConsentRequest.objects.get().state(timezone.now())
    assert (state == "confirmed") == case.is_done() == (done[0].error is None)
    assert AdminAct.objects.filter(act="lapse request").count() <= 1


def test_of_different_requests_at_once_one_waits():
    case, first, others = with_team("exclude")
    done = at_once(*(lambda by=by: case.ask(by) for by in [first, *others]))
    assert [type(thread.error) for thread in done if thread.error] == [ValidationError] * 5
    assert ConsentRequest.objects.count() == 1


def test_the_same_request_at_once_is_one_request():
    case, first, _others = with_team("exclude")
    done = at_once(*([lambda: case.ask(first)] * 5))
    assert len({thread.result.pk for thread in done}) == 1
    assert AdminAct.objects.filter(act="ask for consent").count() == 1


@pytest.mark.parametrize("name", CASES)
def test_no_one_does_it_alone_meanwhile(name):
    case, first, others = with_team(name)
    asked = case.ask(first)
    done = at_once(
        lambda: confirm_request(asked=asked, by=Actor(others[0])),
        lambda: case.verb(by=Actor(others[1]), reason="Alone."),
    )
    assert done[0].error is None
    assert isinstance(done[1].error, ValidationError | type(None))
    assert case.is_done()
    assert ConsentRequest.objects.get().answered_by == others[0]
