"""Events are stored with what happened, for the webhooks that are notified of it."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from conferences.actions import deactivate_conference, join_conference, publish_conference
from conferences.changes.actions import cancel_conference
from conferences.models import Conference
from conferences.outbox.events import emit, emit_change
from conferences.outbox.kinds import MEMBER_JOINED
from conferences.outbox.models import WebhookEvent, WebhookMessage
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series
from conferences.tests.webhooks import events, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def joiner(db):
    return make_user("nia@example.org", name="Nia Okoye")


def test_joining_is_an_event_with_ids_alone(conference, joiner):
    make_endpoint(conference)
    member = join_conference(conference=conference, by=Actor(joiner))
    [event] = WebhookEvent.objects.all()
    assert event.kind == "member.joined"
    assert event.data == {
        "conference_id": conference.pk,
        "conference_slug": "open-conf",
        "member_id": member.pk,
    }


def test_joining_twice_is_one_event(conference, joiner):
    make_endpoint(conference)
    for _ in range(2):
        join_conference(conference=conference, by=Actor(joiner))
    assert events() == ["member.joined"]


def test_what_is_rolled_back_is_no_event(conference, joiner):
    make_endpoint(conference)
    with transaction.atomic():
        join_conference(conference=conference, by=Actor(joiner))
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()
    assert events() == []


def test_webhooks_of_conference_and_series_each_get_a_message():
    series = make_series()
    conference, other = make_conference(series=series), make_conference(series=series)
    own, of_series, _of_other = (make_endpoint(scope) for scope in (conference, series, other))
    emit(MEMBER_JOINED, conference, {"member_id": 7})
    assert list(WebhookMessage.objects.values_list("endpoint", flat=True)) == [own.pk, of_series.pk]


@pytest.mark.parametrize(
    "columns",
    [
        {"events": ["conference.changed"]},
        {"switched_off_at": "2026-01-01T00:00Z", "switched_off_because": "by_hand"},
        {"deleted_at": "2026-01-01T00:00Z"},
    ],
    ids=["other event", "off", "deleted"],
)
def test_nothing_is_stored_for_a_webhook_that_is_not_notified(conference, columns):
    make_endpoint(conference, **columns)
    emit(MEMBER_JOINED, conference, {"member_id": 7})
    assert events() == []


def test_a_conference_without_series_does_not_notify_webhooks_of_other_conferences(conference):
    make_endpoint(make_conference())
    make_endpoint(make_series())
    emit(MEMBER_JOINED, conference, {"member_id": 7})
    assert events() == []


@pytest.mark.parametrize("kind", ["draft", "rehearsal"])
def test_drafts_and_rehearsals_send_nothing(conference, kind):
    columns = {"status": "draft"} if kind == "draft" else {"rehearses": conference}
    hidden = make_conference(**columns)
    make_endpoint(hidden)
    emit(MEMBER_JOINED, hidden, {"member_id": 7})
    assert events() == []


def test_without_a_webhook_it_takes_one_query(conference):
    with CaptureQueriesContext(connection) as queries:
        emit(MEMBER_JOINED, conference, {"member_id": 7})
    assert len(queries) == 1


def test_what_happens_once_is_stored_once(conference):
    make_endpoint(conference)
    first, second = (emit(MEMBER_JOINED, conference, only_once=True) for _ in range(2))
    assert first == second
    assert WebhookMessage.objects.count() == 1


def changes():
    return [event.data["change"] for event in WebhookEvent.objects.filter(kind="conference.changed")]


def test_publishing_and_deactivating_are_changes(organiser):
    conference = make_conference(status="draft")
    make_endpoint(conference)
    assert publish_conference(conference=conference, by=Actor(organiser)) is Change.MADE
    deactivate_conference(conference=Conference.objects.get(pk=conference.pk), by=Actor(organiser))
    assert changes() == ["published", "unpublished"]


def test_cancelling_is_a_change_without_its_reason(conference, organiser):
    make_endpoint(conference)
    cancel_conference(conference=conference, reason="The hall burnt down.", by=Actor(organiser))
    assert changes() == ["cancelled"]
    assert "burnt" not in json.dumps(list(WebhookEvent.objects.values_list("data", flat=True)))


def test_change_says_what_was_changed_and_no_value(conference):
    make_endpoint(conference)
    emit_change(conference, "details")
    [event] = WebhookEvent.objects.all()
    assert event.data == {
        "conference_id": conference.pk,
        "conference_slug": "open-conf",
        "change": "details",
    }
