from django.http import Http404
from ninja import Query

from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Slug, UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api import webhook_acts as acts
from conferences.api.doors import managed
from conferences.api.webhook_bodies import (
    MessageAct,
    NewSecret,
    Webhook,
    WebhookMessageInList,
    WebhookMessageWithAttempts,
    WebhookSwitch,
    WebhookToSave,
)
from conferences.models import Conference
from conferences.outbox.models import WebhookEndpoint
from conferences.webhooks.access import endpoint_of, message_of
from conferences.webhooks.links import CHANGE

router = ApiRouter("Webhooks")


@router.get(
    "conferences/{slug}/organise/webhooks/",
    scope=Scope.ORGANISE_READ,
    answer=Page[Webhook],
    summary="Webhooks of a conference",
)
def webhooks(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[Webhook]:
    """The URLs of other programs that are notified of its events."""
    return acts.list_webhooks(_scope(request, slug), paging)


@router.post(
    "conferences/{slug}/organise/webhooks/",
    scope=Scope.ORGANISE_WRITE,
    answer=NewSecret,
    status=201,
    keeps_answer=False,
    summary="Add a webhook",
    refusals=[acts.TOO_MANY],
)
def add_webhook(request: PersonRequest, slug: Slug, form: WebhookToSave) -> NewSecret:
    """Answers with its secret, once."""
    return acts.add(request, _scope_to_change(request, slug), form)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/change/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Change a webhook",
    refusals=[acts.DELETED],
)
def change_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID, form: WebhookToSave) -> Done:
    """Its format and events, and its URL unless that is empty."""
    return acts.change(request, _endpoint(request, slug, webhook_id), form)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/secret/",
    scope=Scope.ORGANISE_WRITE,
    answer=NewSecret,
    keeps_answer=False,
    summary="Change the secret of a webhook",
)
def change_webhook_secret(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> NewSecret:
    """For a day, messages are signed with both."""
    return acts.change_secret(request, _endpoint(request, slug, webhook_id))


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/switch/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Switch a webhook on or off",
)
def switch_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID, form: WebhookSwitch) -> Done:
    """What happens while it is off is not sent."""
    return acts.switch(request, _endpoint(request, slug, webhook_id), form)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/test/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Send a test to a webhook",
    refusals=[acts.IS_OFF],
)
def test_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> Done:
    """It is sent within a few seconds; what was answered is shown with the message."""
    return acts.send_test(request, _endpoint(request, slug, webhook_id))


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/delete/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Delete a webhook",
)
def delete_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> Done:
    """Its URL and secrets are deleted now, what was sent to it a day later."""
    return acts.delete(request, _endpoint(request, slug, webhook_id))


@router.get(
    "conferences/{slug}/organise/webhooks/{webhook_id}/messages/",
    scope=Scope.ORGANISE_READ,
    answer=Page[WebhookMessageInList],
    summary="Messages to a webhook",
)
def webhook_messages(
    request: PersonRequest, slug: Slug, webhook_id: UrlID, paging: Query[Paging]
) -> Page[WebhookMessageInList]:
    """The newest first."""
    return acts.list_messages(endpoint_of(_scope(request, slug), webhook_id), paging)


@router.get(
    "conferences/{slug}/organise/webhooks/messages/{message_id}/",
    scope=Scope.ORGANISE_READ,
    answer=WebhookMessageWithAttempts,
    summary="A message to a webhook",
)
def webhook_message(request: PersonRequest, slug: Slug, message_id: UrlID) -> WebhookMessageWithAttempts:
    """With each attempt: what was sent, and what was answered."""
    return WebhookMessageWithAttempts.of(message_of(_scope(request, slug), message_id))


@router.post(
    "conferences/{slug}/organise/webhooks/messages/{message_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Send a message to a webhook again, or leave it out",
    refusals=[acts.IS_OFF],
)
def settle_webhook_message(request: PersonRequest, slug: Slug, message_id: UrlID, form: MessageAct) -> Done:
    """Again: with the same ID, before all that waits. Left out: later ones no longer wait for it."""
    return acts.settle(request, message_of(_scope_to_change(request, slug), message_id), form)


def _scope(request: PersonRequest, slug: str) -> Conference:
    """A rehearsal has none."""
    found = managed(request, slug, CHANGE)
    if found.is_rehearsal:
        raise Http404
    return found


def _scope_to_change(request: PersonRequest, slug: str) -> Conference:
    """As the pages: a browser confirms who is there before each change."""
    found = _scope(request, slug)
    require_fresh_log_in_of_browser(request)
    return found


def _endpoint(request: PersonRequest, slug: str, webhook_id: int) -> WebhookEndpoint:
    """To change it."""
    return endpoint_of(_scope_to_change(request, slug), webhook_id)
