"""Workers and people who come at the same time, each on a connection of their own."""

from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences.actions import join_conference
from conferences.models import Membership
from conferences.outbox.events import emit
from conferences.outbox.kinds import MEMBER_JOINED
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.webhooks import URL, make_endpoint, make_event
from conferences.webhooks import actions, sending

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]
WORKERS = 8


def at_once(acts):
    finished = [thread.finish() for thread in [InThread(act) for act in acts]]
    return [thread.error or thread.result for thread in finished]


def claims_at_once():
    endpoint = make_endpoint(make_conference())
    make_event(endpoint)
    barrier = Barrier(WORKERS)

    def claim():
        barrier.wait(10)
        return sending.claim_next(endpoint.pk)

    return [job for job in at_once([claim] * WORKERS) if job is not None]


def test_of_workers_at_once_one_gets_the_message():
    assert len(claims_at_once()) == 1


def test_control_without_the_condition_several_workers_send_it(monkeypatch):
    anything = Q()
    monkeypatch.setattr(sending, "Q", lambda **_columns: anything)
    assert len(claims_at_once()) > 1


def test_what_happens_once_is_stored_once_if_several_notice_it():
    conference = make_conference()
    make_endpoint(conference)
    results = at_once([lambda: emit(MEMBER_JOINED, conference, only_once=True)] * WORKERS)
    assert not [result for result in results if isinstance(result, Exception)]
    assert (WebhookEvent.objects.count(), WebhookMessage.objects.count()) == (1, 1)


def test_control_without_the_name_of_the_occasion_it_is_stored_several_times():
    conference = make_conference()
    make_endpoint(conference)
    at_once([lambda: emit(MEMBER_JOINED, conference)] * WORKERS)
    assert WebhookEvent.objects.count() == WORKERS


def test_of_several_who_add_the_tenth_webhook_at_once_one_does():
    conference = make_conference()
    for _ in range(9):
        make_endpoint(conference)
    new = {"url": URL, "written_as": "json", "events": ["member.joined"], "by": Actor.of_command()}
    results = at_once([lambda: actions.add_endpoint(scope=conference, **new)] * 4)
    assert WebhookEndpoint.objects.count() == 10
    assert sum(isinstance(result, ValidationError) for result in results) == 3


def test_control_without_the_lock_there_are_too_many(monkeypatch):
    conference, looked = make_conference(), Barrier(4)
    for _ in range(9):
        make_endpoint(conference)
    monkeypatch.setattr(actions, "_lock_scope", lambda _scope: None)
    monkeypatch.setattr(actions, "encrypt", lambda text: text)
    secret = actions.database_now

    def now_after_all_have_counted():
        looked.wait(10)
        return secret()

    monkeypatch.setattr(actions, "database_now", now_after_all_have_counted)
    new = {"url": URL, "written_as": "json", "events": ["member.joined"], "by": Actor.of_command()}
    at_once([lambda: actions.add_endpoint(scope=conference, **new)] * 4)
    assert WebhookEndpoint.objects.count() == 13


def test_people_join_while_webhooks_are_sent_to_changed_and_deleted():
    conference = make_conference()
    endpoints = [make_endpoint(conference) for _ in range(3)]
    people = [make_user(f"joiner{n}@example.org") for n in range(12)]
    by = Actor.of_command()

    def work():
        for _ in range(10):
            for endpoint in endpoints:
                if job := sending.claim_next(endpoint.pk):
                    sending.record(sending.Tried(job, 1, error=sending.Error.TIMEOUT))
                    sending.release(endpoint.pk, job.claim)

    acts = [lambda p=p: join_conference(conference=conference, by=Actor(p)) for p in people]
    acts += [work, lambda: actions.switch_off(endpoint=endpoints[0], by=by)]
    acts += [lambda: actions.delete_endpoint(endpoint=endpoints[1], by=by)]
    results = at_once(acts)
    assert [type(result) for result in results[:12]] == [Membership] * 12
    assert results[12:] == [None, Change.MADE, Change.MADE]
    assert WebhookMessage.objects.filter(endpoint=endpoints[2]).count() == 12
