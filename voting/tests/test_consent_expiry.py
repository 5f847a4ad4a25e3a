"""Requests that no one answered in time, and those that something overtook."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.acts import ConsentNeeded
from conferences.consent.steps import lapse_requests
from conferences.models import ConsentRequest
from conferences.tests.factories import make_membership, update_elections
from voting.elections.actions import decide_speaker
from voting.elections.models import Decision, WindowChange
from voting.elections.roll.models import RollChange
from voting.elections.window import move_deadline
from voting.tests.consent import REASON, every_case, hours, let_expire, make_case, states

pytestmark = pytest.mark.django_db


# When it is too late


@every_case
def test_request_expires_after_at_most_24_hours(name):
    _conference, case, [first, second] = make_case(name)
    request = case.ask(first)
    assert request.expires_at <= request.asked_at + timedelta(hours=24)
    let_expire(request)
    for verb in (confirm_request, cancel_request):
        with pytest.raises(ValidationError, match="has expired"):
            verb(asked=request, by=Actor(second))
    assert not case.is_done()


@every_case
def test_asking_again_after_that_works(name):
    _conference, case, [first, second] = make_case(name)
    let_expire(case.ask(first))
    confirm_request(asked=case.ask(first), by=Actor(second))
    assert case.is_done()
    assert states() == ["lapsed", "confirmed"]


def test_who_asked_is_notified_once_that_it_expired():
    _conference, case, [first, _second] = make_case("exclude")
    let_expire(case.ask(first))
    mail.outbox.clear()
    assert [lapse_requests(), lapse_requests()] == [1, 0]
    assert [message.to for message in mail.outbox] == [[first.email]]
    assert AdminAct.objects.filter(act="lapse request").count() == 1


def test_what_still_waits_is_not_noted_as_expired():
    _conference, case, [first, _second] = make_case("exclude")
    case.ask(first)
    assert lapse_requests() == 0


def test_time_is_that_of_the_database(monkeypatch):
    _conference, case, [first, second] = make_case("exclude")
    request = case.ask(first)
    ahead = timezone.now() + timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    assert ConsentRequest.objects.waiting_for(second).get() == request
    confirm_request(asked=request, by=Actor(second))
    assert case.is_done()


@pytest.mark.parametrize("to", [5, 48])
def test_change_of_the_window_expires_with_the_deadline_that_comes_first(to):
    conference, _case, [first, _second] = make_case("close")
    closes = conference.election.closes_at
    with pytest.raises(ConsentNeeded) as needed:
        move_deadline(conference=conference, closes_at=hours(to), reason=REASON, by=Actor(first))
    act, payload = needed.value.act, needed.value.payload
    assert act.last_time(conference, payload) == min(closes, hours(to))


@pytest.mark.parametrize("name", ["close", "exclude", "remove", "add", "add_listed"])
def test_what_the_closing_of_the_vote_overtook_is_refused_and_nothing_of_it_done(name):
    conference, case, [first, second] = make_case(name)
    request = case.ask(first)
    update_elections(conference, closes_at=timezone.now() - timedelta(seconds=1))
    mail.outbox.clear()
    done = confirm_request(asked=request, by=Actor(second))
    assert done.refusal
    assert states() == ["refused"]
    assert not WindowChange.objects.exists()
    assert not RollChange.objects.exists()
    assert [done.refusal in message.body for message in mail.outbox] == [True]
    assert confirm_request(asked=request, by=Actor(second)).refusal == done.refusal


def test_decision_that_another_overtook_is_refused():
    conference, case, [first, second] = make_case("decide")
    request = case.ask(first)
    by = Actor(second, asked_by=first)
    other = make_membership(conference, name="Other")
    decide_speaker(conference=conference, candidate=other, by=by, reason=REASON)
    assert "already been chosen" in confirm_request(asked=request, by=Actor(second)).refusal
    assert Decision.objects.count() == 1


def test_member_who_left_meanwhile_is_not_chosen():
    _conference, case, [first, second] = make_case("decide")
    request = case.ask(first)
    type(request.conference).objects.get().memberships.update(left_at=timezone.now())
    assert "Only a current member" in confirm_request(asked=request, by=Actor(second)).refusal
