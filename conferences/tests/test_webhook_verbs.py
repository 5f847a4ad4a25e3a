"""What people of a team do with webhooks."""

import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct
from confbox.kit.encryption import decrypt
from confbox.kit.outcomes import Change
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from conferences.tests.teams import make_series
from conferences.tests.webhooks import SECRET, URL, make_endpoint, make_event
from conferences.webhooks import actions

pytestmark = pytest.mark.django_db
NEW = {"url": URL, "written_as": "json", "events": ["member.joined"]}


@pytest.fixture
def by(organiser):
    return Actor(organiser, "127.0.0.1")


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def endpoint(scope):
    return make_endpoint(scope)


def acts():
    return list(AdminAct.objects.order_by("pk").values_list("kind", "what"))


def test_added_webhook_keeps_url_and_secret_encrypted(scope, by):
    _endpoint, secret = actions.add_endpoint(scope=scope, by=by, **NEW)
    stored = WebhookEndpoint.objects.get()
    assert (stored.scope, stored.host, stored.events) == (scope, "hooks.example.org", ["member.joined"])
    assert "hooks" not in stored.encrypted_url
    assert (decrypt(stored.encrypted_url), decrypt(stored.encrypted_secret)) == (URL, secret)
    assert secret.startswith("whsec_")
    assert acts() == [(scope._meta.model_name, "Webhook added: hooks.example.org.")]


def test_two_webhooks_have_different_secrets(scope, by):
    assert len({actions.add_endpoint(scope=scope, by=by, **NEW)[1] for _ in range(2)}) == 2


@pytest.mark.parametrize("url", ["http://hooks.example.org/", "https://127.0.0.1/", "hooks", ""])
def test_url_that_is_not_allowed_is_refused(scope, by, url):
    with pytest.raises(ValidationError) as refusal:
        actions.add_endpoint(scope=scope, by=by, **NEW | {"url": url})
    assert "url" in refusal.value.message_dict
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("events", [[], ["test"], ["vote.cast"]])
def test_webhook_without_an_event_is_refused(scope, by, events):
    with pytest.raises(ValidationError) as refusal:
        actions.add_endpoint(scope=scope, by=by, **NEW | {"events": events})
    assert "events" in refusal.value.message_dict


def test_eleventh_webhook_is_refused_and_a_deleted_one_does_not_count(scope, by):
    found = [make_endpoint(scope) for _ in range(10)]
    with pytest.raises(ValidationError, match="10 webhooks already"):
        actions.add_endpoint(scope=scope, by=by, **NEW)
    actions.delete_endpoint(endpoint=found[0], by=by)
    actions.add_endpoint(scope=scope, by=by, **NEW)


def test_change_without_a_url_keeps_it(endpoint, by):
    change = {"url": "", "written_as": "slack", "events": ["conference.changed"]}
    assert actions.change_endpoint(endpoint=endpoint, by=by, **change) is Change.MADE
    endpoint.refresh_from_db()
    assert (decrypt(endpoint.encrypted_url), endpoint.format) == (URL, "slack")
    assert endpoint.events == ["conference.changed"]


def test_change_of_the_url_changes_the_host(endpoint, by):
    change = {"url": "https://other.example/", "written_as": "json", "events": endpoint.events}
    actions.change_endpoint(endpoint=endpoint, by=by, **change)
    endpoint.refresh_from_db()
    assert (decrypt(endpoint.encrypted_url), endpoint.host) == ("https://other.example/", "other.example")


def test_change_to_the_same_changes_nothing(endpoint, by):
    change = {"url": URL, "written_as": "json", "events": endpoint.events}
    assert actions.change_endpoint(endpoint=endpoint, by=by, **change) is Change.NONE
    assert acts() == []


def test_changed_secret_keeps_the_old_one_for_a_day(endpoint, by):
    new = actions.change_secret(endpoint=endpoint, by=by)
    endpoint.refresh_from_db()
    assert (decrypt(endpoint.encrypted_secret), decrypt(endpoint.encrypted_old_secret)) == (new, SECRET)
    assert 23 < (endpoint.old_secret_until - endpoint.created_at).total_seconds() / 3600 < 25
    assert acts() == [(endpoint.scope._meta.model_name, "Secret of the webhook changed: hooks.example.org.")]


def test_switched_off_webhook_skips_what_waits(endpoint, by):
    message = make_event(endpoint)
    assert actions.switch_off(endpoint=endpoint, by=by) is Change.MADE
    assert actions.switch_off(endpoint=endpoint, by=by) is Change.NONE
    message.refresh_from_db()
    assert message.state == "skipped"


def test_switched_on_webhook_begins_anew(endpoint, by):
    actions.switch_off(endpoint=endpoint, by=by)
    WebhookEndpoint.objects.update(failing_since=endpoint.created_at, next_attempt_at=endpoint.created_at)
    assert actions.switch_on(endpoint=endpoint, by=by) is Change.MADE
    assert actions.switch_on(endpoint=endpoint, by=by) is Change.NONE
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.failing_since, endpoint.next_attempt_at) == (True, None, None)


def test_deleted_webhook_has_neither_url_nor_secret(endpoint, by):
    actions.change_secret(endpoint=endpoint, by=by)
    assert actions.delete_endpoint(endpoint=endpoint, by=by) is Change.MADE
    assert actions.delete_endpoint(endpoint=endpoint, by=by) is Change.NONE
    stored = WebhookEndpoint.objects.get()
    assert (stored.encrypted_url, stored.encrypted_secret, stored.encrypted_old_secret) == ("", "", "")


@pytest.mark.parametrize("verb", ["change_secret", "switch_on", "switch_off", "send_test"])
def test_deleted_webhook_is_refused_in_words(endpoint, by, verb):
    actions.delete_endpoint(endpoint=endpoint, by=by)
    with pytest.raises(ValidationError, match="has been deleted"):
        getattr(actions, verb)(endpoint=endpoint, by=by)


def test_test_goes_to_this_webhook_alone_and_lets_others_be_tried_now(endpoint, by):
    make_endpoint(endpoint.scope)
    WebhookEndpoint.objects.update(next_attempt_at=endpoint.created_at)
    event = actions.send_test(endpoint=endpoint, by=by)
    assert event.kind == "test"
    assert list(WebhookMessage.objects.values_list("endpoint", flat=True)) == [endpoint.pk]
    endpoint.refresh_from_db()
    assert endpoint.next_attempt_at is None


def test_nothing_is_sent_to_a_webhook_that_is_off(endpoint, by):
    message = make_event(endpoint)
    actions.switch_off(endpoint=endpoint, by=by)
    for act in (
        lambda: actions.send_test(endpoint=endpoint, by=by),
        lambda: actions.send_again(message=message, by=by),
    ):
        with pytest.raises(ValidationError, match="switched off"):
            act()
    assert WebhookEvent.objects.count() == 1


def test_message_sent_again_waits_as_if_it_were_new(endpoint, by):
    message = make_event(endpoint)
    WebhookMessage.objects.update(state="given_up", attempts=10, ended_at=endpoint.created_at)
    assert actions.send_again(message=message, by=by) is Change.MADE
    message.refresh_from_db()
    assert (message.state, message.attempts, message.ended_at) == ("waiting", 0, None)
    assert actions.send_again(message=message, by=by) is Change.NONE


def test_message_that_waits_is_tried_now(endpoint, by):
    message = make_event(endpoint)
    WebhookEndpoint.objects.update(next_attempt_at=endpoint.created_at)
    actions.send_again(message=message, by=by)
    endpoint.refresh_from_db()
    assert endpoint.next_attempt_at is None


def test_message_left_out_lets_the_next_be_sent(endpoint, by):
    message = make_event(endpoint)
    WebhookEndpoint.objects.update(next_attempt_at=endpoint.created_at)
    assert actions.skip_message(message=message, by=by) is Change.MADE
    assert actions.skip_message(message=message, by=by) is Change.NONE
    message.refresh_from_db()
    endpoint.refresh_from_db()
    assert (message.state, endpoint.next_attempt_at) == ("skipped", None)


def test_another_url_is_tried_now_and_has_not_failed_yet(endpoint, by):
    WebhookEndpoint.objects.update(next_attempt_at=endpoint.created_at, failing_since=endpoint.created_at)
    actions.change_endpoint(endpoint=endpoint, by=by, **NEW | {"url": ""})
    endpoint.refresh_from_db()
    assert endpoint.failing_since == endpoint.created_at
    actions.change_endpoint(endpoint=endpoint, by=by, **NEW | {"url": f"{URL}/new"})
    endpoint.refresh_from_db()
    assert (endpoint.next_attempt_at, endpoint.failing_since) == (None, None)


def test_url_that_can_no_longer_be_read_is_replaced(endpoint, by, settings):
    settings.SECRET_KEY = "another" * 10
    assert actions.change_endpoint(endpoint=endpoint, by=by, **NEW) is Change.MADE
    endpoint.refresh_from_db()
    assert decrypt(endpoint.encrypted_url) == URL
