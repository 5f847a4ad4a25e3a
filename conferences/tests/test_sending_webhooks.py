"""How a message is sent: signed, in order, again after a failure, until it is given up or switched off."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.actors import Actor
from conferences.models import Role
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from conferences.tests.webhooks import (
    SECRET,
    allow_here,
    answer_with,
    make_endpoint,
    make_event,
    receiving,
    try_once,
)
from conferences.webhooks import actions, sending
from conferences.webhooks.tidying import delete_old_events

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(settings):
    allow_here(settings)


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def endpoint(receiver, conference):
    return make_endpoint(conference, url=receiver.url())


def due_now(endpoint):
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(next_attempt_at=None)


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_message_is_signed_as_the_specification_says(endpoint, receiver):
    message = make_event(endpoint)
    try_once(endpoint)
    [(_path, headers, body)] = receiver.got
    found = Webhook(SECRET).verify(body, headers)
    assert found == {"type": "member.joined", "timestamp": found["timestamp"], "data": message.event.data}
    assert headers["webhook-id"] == message.event.public_id
    assert state_of(message) == "accepted"


def test_time_of_the_event_is_in_utc(endpoint, receiver):
    make_event(endpoint, at="2026-11-28T12:30:00.123456+02:00")
    try_once(endpoint)
    assert json.loads(receiver.got[0][2])["timestamp"] == "2026-11-28T10:30:00.123Z"


def test_after_a_change_of_the_secret_both_sign_for_a_day(endpoint, receiver, organiser):
    new = actions.change_secret(endpoint=endpoint, by=Actor(organiser))
    make_event(endpoint)
    try_once(endpoint)
    for secret in (new, SECRET):
        Webhook(secret).verify(receiver.got[0][2], receiver.got[0][1])
    WebhookEndpoint.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    make_event(endpoint)
    try_once(endpoint)
    assert len(receiver.got[1][1]["webhook-signature"].split()) == 1
    Webhook(new).verify(receiver.got[1][2], receiver.got[1][1])


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_accepted(endpoint, receiver, status):
    receiver.answer = answer_with(status)
    message = make_event(endpoint)
    try_once(endpoint)
    assert state_of(message) == "accepted"


@pytest.mark.parametrize(
    ("status", "error"), [(302, "redirect"), (400, "status"), (404, "status"), (500, "status")]
)
def test_anything_else_is_tried_again_with_the_same_id(endpoint, receiver, status, error):
    receiver.answer = answer_with(status)
    message = make_event(endpoint)
    try_once(endpoint)
    assert (state_of(message), WebhookAttempt.objects.get().error) == ("waiting", error)
    receiver.answer = answer_with()
    due_now(endpoint)
    try_once(endpoint)
    assert state_of(message) == "accepted"
    assert receiver.ids == [message.event.public_id] * 2


def test_later_event_waits_for_an_earlier_one(endpoint, receiver):
    receiver.answer = answer_with(500)
    first, second = make_event(endpoint), make_event(endpoint)
    try_once(endpoint)
    due_now(endpoint)
    try_once(endpoint)
    receiver.answer = answer_with()
    for _ in range(2):
        due_now(endpoint)
        try_once(endpoint)
    assert receiver.ids == [first.event.public_id] * 3 + [second.event.public_id]


def test_after_a_failure_nothing_is_sent_before_its_time(endpoint, receiver):
    receiver.answer = answer_with(500)
    make_event(endpoint)
    try_once(endpoint)
    assert 3 < (endpoint.next_attempt_at - timezone.now()).total_seconds() < 7
    assert try_once(endpoint) is None
    assert len(receiver.got) == 1


def test_attempts_are_spread_over_three_days_and_then_given_up(endpoint, receiver):
    receiver.answer, waits = answer_with(500), []
    message, following = make_event(endpoint), make_event(endpoint)
    while state_of(message) == "waiting":
        try_once(endpoint)
        waits.append(endpoint.next_attempt_at and endpoint.next_attempt_at - timezone.now())
        due_now(endpoint)
    assert (state_of(message), len(waits), waits.pop()) == ("given_up", 10, None)
    assert timedelta(days=2.8) < sum(waits, timedelta()) < timedelta(days=3.6)
    receiver.answer = answer_with()
    try_once(endpoint)
    assert state_of(following) == "accepted"


def test_waits_differ_between_endpoints(endpoint, receiver):
    receiver.answer = answer_with(500)
    make_event(endpoint)
    waits = set()
    for _ in range(5):
        WebhookMessage.objects.update(attempts=3)
        due_now(endpoint)
        try_once(endpoint)
        waits.add(round((endpoint.next_attempt_at - timezone.now()).total_seconds()))
    assert len(waits) > 1


def test_longer_wait_is_granted_if_it_is_asked_for(endpoint, receiver):
    receiver.answer = answer_with(503, headers=[("Retry-After", "3600")])
    make_event(endpoint)
    try_once(endpoint)
    assert (endpoint.next_attempt_at - timezone.now()).total_seconds() > 3500


def test_endpoint_that_is_gone_is_switched_off_and_the_team_notified(
    endpoint, receiver, conference, organiser
):
    receiver.answer = answer_with(410)
    owner = make_team_member(conference, Role.OWNER)
    make_team_member(conference, Role.REVIEWER)
    message, following = make_event(endpoint), make_event(endpoint)
    try_once(endpoint)
    assert (endpoint.is_on, endpoint.switched_off_because) == (False, "gone")
    assert (state_of(message), state_of(following)) == ("skipped", "skipped")
    assert [email.to for email in mail.outbox] == [[owner.person.email]]
    assert "hooks.example.org" in mail.outbox[0].body


def test_team_of_a_series_is_notified(receiver):
    series = make_series()
    organiser = make_team_member(series, Role.ORGANISER)
    make_team_member(series, Role.OBSERVER)
    receiver.answer = answer_with(410)
    endpoint = make_endpoint(series, url=receiver.url())
    message = make_event(endpoint)
    message.event.conference = make_conference(series=series)
    message.event.save()
    try_once(endpoint)
    assert [email.to for email in mail.outbox] == [[organiser.person.email]]


@pytest.mark.parametrize(("days", "attempts", "is_on"), [(4.9, 5, True), (5.1, 5, False), (5.1, 1, True)])
def test_endpoint_that_has_failed_for_five_days_is_switched_off(endpoint, receiver, days, attempts, is_on):
    receiver.answer = answer_with(500)
    make_event(endpoint)
    WebhookMessage.objects.update(attempts=attempts)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=days))
    try_once(endpoint)
    assert endpoint.is_on is is_on


def test_success_ends_the_failure(endpoint, receiver):
    receiver.answer = answer_with(500)
    make_event(endpoint)
    try_once(endpoint)
    assert endpoint.failing_since
    receiver.answer = answer_with()
    due_now(endpoint)
    try_once(endpoint)
    assert (endpoint.failing_since, endpoint.next_attempt_at) == (None, None)


def test_attempt_is_logged_with_request_and_answer_and_without_the_url(endpoint, receiver):
    receiver.answer = answer_with(500, "No\0 thanks" + "x" * 9000)
    message = make_event(endpoint)
    try_once(endpoint)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.message, attempt.status) == (message, 500)
    assert attempt.answer.startswith("No thanks")
    assert len(attempt.answer) == 4000
    assert message.event.public_id in attempt.request
    assert "localhost" not in attempt.request
    assert SECRET not in attempt.request


def test_secret_of_another_key_fails_and_is_named(endpoint, receiver, settings):
    make_event(endpoint)
    settings.SECRET_KEY = "another" * 10
    try_once(endpoint)
    assert (WebhookAttempt.objects.get().error, receiver.got) == ("secret", [])


def test_worker_that_was_frozen_after_its_claim_sends_nothing(endpoint, receiver, monkeypatch):
    make_event(endpoint)
    job = sending.claim_next(endpoint.pk)
    monkeypatch.setattr(sending, "LATEST_START_SECONDS", -1.0)
    assert sending.send(job) is None
    assert receiver.got == []


def test_claim_of_a_dead_worker_ends_and_the_same_message_is_sent(endpoint, receiver):
    message = make_event(endpoint)
    sending.claim_next(endpoint.pk)
    assert sending.claim_next(endpoint.pk) is None
    assert not sending.due().exists()
    WebhookEndpoint.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert sending.due().exists()
    try_once(endpoint)
    assert receiver.ids == [message.event.public_id]


def test_failure_of_a_worker_whose_claim_has_ended_counts_for_nothing(endpoint, receiver):
    receiver.answer = answer_with(500)
    message = make_event(endpoint)
    job = sending.claim_next(endpoint.pk)
    WebhookEndpoint.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    sending.claim_next(endpoint.pk)
    assert sending.record(sending.send(job)) is False
    message.refresh_from_db()
    assert (message.attempts, WebhookAttempt.objects.count()) == (0, 1)


@pytest.mark.parametrize("columns", [{"switched_off_at": timezone.now()}, {"deleted_at": timezone.now()}])
def test_nothing_is_due_for_an_endpoint_that_is_off(endpoint, columns):
    make_event(endpoint)
    WebhookEndpoint.objects.update(**columns)
    assert not sending.due().exists()
    assert sending.claim_next(endpoint.pk) is None


def test_endpoint_whose_event_has_waited_for_longest_comes_first(conference, endpoint):
    other = make_endpoint(conference)
    make_event(other)
    make_event(endpoint)
    assert sending.due_endpoints() == [other.pk, endpoint.pk]


def test_what_is_thirty_days_old_is_deleted(endpoint, receiver):
    old = make_event(endpoint, at=timezone.now() - timedelta(days=31))
    try_once(endpoint)
    new = make_event(endpoint, at=timezone.now() - timedelta(days=29))
    delete_old_events()
    assert list(WebhookMessage.objects.all()) == [new]
    assert not WebhookAttempt.objects.filter(message=old.pk).exists()


@pytest.mark.parametrize(("hours", "left"), [(23, 1), (25, 0)])
def test_deleted_endpoint_is_removed_after_a_day(endpoint, hours, left):
    make_event(endpoint)
    WebhookEndpoint.objects.update(deleted_at=timezone.now() - timedelta(hours=hours))
    delete_old_events()
    assert WebhookEndpoint.objects.count() == left


def test_after_another_key_a_new_url_and_secret_are_enough(endpoint, receiver, settings, organiser):
    settings.SECRET_KEY = "another" * 10
    typed = {"url": receiver.url(), "written_as": "json", "events": ["member.joined"]}
    actions.change_endpoint(endpoint=endpoint, by=Actor(organiser), **typed)
    new = actions.change_secret(endpoint=endpoint, by=Actor(organiser))
    make_event(endpoint)
    try_once(endpoint)
    Webhook(new).verify(receiver.got[0][2], receiver.got[0][1])
