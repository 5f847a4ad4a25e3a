"""What becomes of webhooks of a conference that is deleted, or merged into another one."""

from functools import partial

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.changes.deletion import delete_conference
from conferences.outbox.events import emit_change
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from conferences.tests.duplicates import (
    make_duplicate,
    make_one_that_stays,
    merge_duplicate,
    page_of_merging,
)
from conferences.tests.teams import make_series
from conferences.tests.webhooks import make_endpoint, make_event, try_once
from conferences.webhooks.actions import MOST, switch_on
from conferences.webhooks.sending import claim_next, record, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def stays(db):
    return make_one_that_stays()


@pytest.fixture
def duplicate(stays):
    return make_duplicate()


@pytest.fixture
def merge(duplicate, stays, organiser):
    return partial(merge_duplicate, duplicate, stays, organiser)


def test_webhook_of_a_duplicate_moves_and_waits_to_be_switched_on(merge, duplicate, stays):
    endpoint = make_endpoint(duplicate)
    merge()
    moved = WebhookEndpoint.objects.on().of_scope(stays)
    assert not moved.exists()
    endpoint.refresh_from_db()
    assert (endpoint.scope, endpoint.switched_off_because) == (stays, "merged")


def test_webhook_of_a_duplicate_is_not_notified_of_the_one_that_stays(merge, duplicate, stays):
    endpoint = make_endpoint(duplicate)
    merge()
    emit_change(stays, "details")
    assert not WebhookMessage.objects.filter(endpoint=endpoint).exists()


def test_webhook_of_a_duplicate_is_notified_once_it_is_switched_on(merge, duplicate, stays, organiser):
    endpoint = make_endpoint(duplicate)
    merge()
    switch_on(endpoint=endpoint, by=Actor(organiser))
    emit_change(stays, "details")
    assert WebhookMessage.objects.get().event.data["conference_id"] == stays.pk


def test_webhook_of_the_one_that_stays_goes_on(merge, duplicate, stays):
    endpoint, other = make_endpoint(stays), make_endpoint(make_series())
    merge()
    assert [*WebhookEndpoint.objects.on()] == [endpoint, other]
    assert [message.endpoint for message in WebhookMessage.objects.all()] == [endpoint]


def test_webhook_that_a_person_had_switched_off_says_so_after_the_merge(merge, duplicate):
    endpoint = make_endpoint(duplicate, switched_off_at=duplicate.starts_at, switched_off_because="by_hand")
    merge()
    endpoint.refresh_from_db()
    assert endpoint.switched_off_because == "by_hand"


def test_no_webhook_is_lost_if_both_have_as_many_as_there_can_be(merge, duplicate, stays):
    for scope in (duplicate, stays):
        for _ in range(MOST):
            make_endpoint(scope)
    merge()
    assert WebhookEndpoint.objects.kept().of_scope(stays).count() == 2 * MOST


def test_deleted_webhook_of_a_duplicate_does_not_move(merge, duplicate, stays):
    make_endpoint(duplicate, deleted_at=duplicate.starts_at)
    merge()
    assert not WebhookEndpoint.objects.exists()


def test_what_waits_for_a_webhook_of_a_duplicate_is_not_sent(merge, duplicate):
    message = make_event(make_endpoint(duplicate))
    merge()
    assert try_once(message.endpoint) is None
    assert not WebhookEvent.objects.exists()


def test_attempt_during_a_merge_ends_without_a_failure(merge, duplicate):
    message = make_event(make_endpoint(duplicate))
    job = claim_next(message.endpoint_id)
    merge()
    assert not record(send(job))


def test_page_of_merging_says_what_becomes_of_webhooks(duplicate, stays, organiser):
    sentence = "webhook of Open Conf 2 moves to Open Conf and is switched off."
    assert sentence not in page_of_merging(duplicate, stays, organiser)
    make_endpoint(duplicate)
    assert f"1 {sentence}" in page_of_merging(duplicate, stays, organiser)


def test_page_of_deleting_counts_webhooks_that_have_not_been_deleted(duplicate, organiser):
    url = f"/admin/conferences/conference/{duplicate.pk}/delete-with-team/"
    browser = log_in_freshly(Client(), organiser)
    make_endpoint(duplicate, deleted_at=duplicate.starts_at)
    assert "webhook" not in parse(browser.get(url)).text
    make_endpoint(duplicate)
    assert "1 webhook is deleted. What waits to be sent to it is not sent." in parse(browser.get(url)).text


def test_webhooks_go_with_a_conference_that_is_deleted(duplicate, stays, organiser):
    kept = make_endpoint(stays)
    make_event(make_endpoint(duplicate))
    delete_conference(conference=duplicate, title="Open Conf 2", by=Actor(organiser))
    assert [*WebhookEndpoint.objects.all()] == [kept]
    assert not WebhookMessage.objects.exists()
