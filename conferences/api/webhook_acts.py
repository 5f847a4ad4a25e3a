"""What operations on the webhooks of a conference do, and those of a series alike."""

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.limits import count_use
from conferences.api.webhook_bodies import (
    MessageAct,
    NewSecret,
    Webhook,
    WebhookMessageInList,
    WebhookSwitch,
    WebhookToSave,
)
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.webhooks import actions
from conferences.webhooks.admin_views import TESTS
from conferences.webhooks.forms import WebhookForm
from conferences.webhooks.links import Scope
from conferences.webhooks.panels import log_of

TOO_MANY = "There are 10 webhooks already. Please delete one first."
DELETED = "This webhook has been deleted."
IS_OFF = "This webhook is switched off. Please switch it on first."


def list_webhooks(scope: Scope, paging: Paging) -> Page[Webhook]:
    rows = WebhookEndpoint.objects.kept().of_scope(scope)
    return page_of_rows(rows, paging, order=("pk",), show=Webhook.of)


def add(request: PersonRequest, scope: Scope, form: WebhookToSave) -> NewSecret:
    entered = cleaned(WebhookForm(form.for_form()))
    endpoint, secret = actions.add_endpoint(scope=scope, by=actor_of(request), **entered)
    return NewSecret(webhook=Webhook.of(endpoint), secret=secret)


def change(request: PersonRequest, endpoint: WebhookEndpoint, form: WebhookToSave) -> Done:
    entered = cleaned(WebhookForm(form.for_form(), endpoint=endpoint))
    outcome = actions.change_endpoint(endpoint=endpoint, by=actor_of(request), **entered)
    return Done(outcome=outcome.value)


def change_secret(request: PersonRequest, endpoint: WebhookEndpoint) -> NewSecret:
    secret = actions.change_secret(endpoint=endpoint, by=actor_of(request))
    return NewSecret(webhook=Webhook.of(endpoint), secret=secret)


def switch(request: PersonRequest, endpoint: WebhookEndpoint, form: WebhookSwitch) -> Done:
    verb = actions.switch_on if form.is_on else actions.switch_off
    return Done(outcome=verb(endpoint=endpoint, by=actor_of(request)).value)


def send_test(request: PersonRequest, endpoint: WebhookEndpoint) -> Done:
    count_use(TESTS, request)
    actions.send_test(endpoint=endpoint, by=actor_of(request))
    return Done(outcome="made")


def delete(request: PersonRequest, endpoint: WebhookEndpoint) -> Done:
    outcome = actions.delete_endpoint(endpoint=endpoint, by=actor_of(request))
    return Done(outcome=outcome.value)


def list_messages(endpoint: WebhookEndpoint, paging: Paging) -> Page[WebhookMessageInList]:
    return page_of_rows(log_of(endpoint), paging, order=("-pk",), show=WebhookMessageInList.of)


def settle(request: PersonRequest, message: WebhookMessage, form: MessageAct) -> Done:
    if form.act == "skip":
        outcome = actions.skip_message(message=message, by=actor_of(request))
        return Done(outcome=outcome.value)
    count_use(TESTS, request)
    return Done(outcome=actions.send_again(message=message, by=actor_of(request)).value)
