from ninja import Query

from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api import webhook_acts as acts
from conferences.api.teams import series_or_404
from conferences.api.webhook_bodies import (
    MessageAct,
    NewSecret,
    Webhook,
    WebhookMessageInList,
    WebhookMessageWithAttempts,
    WebhookSwitch,
    WebhookToSave,
)
from conferences.models import Series
from conferences.outbox.models import WebhookEndpoint
from conferences.webhooks.access import endpoint_of, message_of
from conferences.webhooks.links import CHANGE

router = ApiRouter("Webhooks of series")


@router.get(
    "organise/series/{series_id}/webhooks/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[Webhook],
    summary="Webhooks of a series",
)
def webhooks_of_series(request: PersonRequest, series_id: UrlID, paging: Query[Paging]) -> Page[Webhook]:
    """The URLs of other programs that are notified of the events of all its conferences."""
    return acts.list_webhooks(_scope(request, series_id), paging)


@router.post(
    "organise/series/{series_id}/webhooks/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=NewSecret,
    status=201,
    keeps_answer=False,
    summary="Add a webhook of a series",
    refusals=[acts.TOO_MANY],
)
def add_webhook_of_series(request: PersonRequest, series_id: UrlID, form: WebhookToSave) -> NewSecret:
    """Answers with its secret, once."""
    return acts.add(request, _scope_to_change(request, series_id), form)


@router.post(
    "organise/series/{series_id}/webhooks/{webhook_id}/change/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Change a webhook of a series",
    refusals=[acts.DELETED],
)
def change_webhook_of_series(
    request: PersonRequest, series_id: UrlID, webhook_id: UrlID, form: WebhookToSave
) -> Done:
    """Its format and events, and its URL unless that is empty."""
    return acts.change(request, _endpoint(request, series_id, webhook_id), form)


@router.post(
    "organise/series/{series_id}/webhooks/{webhook_id}/secret/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=NewSecret,
    keeps_answer=False,
    summary="Change the secret of a webhook of a series",
)
def change_webhook_secret_of_series(request: PersonRequest, series_id: UrlID, webhook_id: UrlID) -> NewSecret:
    """For a day, messages are signed with both."""
    return acts.change_secret(request, _endpoint(request, series_id, webhook_id))


@router.post(
    "organise/series/{series_id}/webhooks/{webhook_id}/switch/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Switch a webhook of a series on or off",
)
def switch_webhook_of_series(
    request: PersonRequest, series_id: UrlID, webhook_id: UrlID, form: WebhookSwitch
) -> Done:
    """What happens while it is off is not sent."""
    return acts.switch(request, _endpoint(request, series_id, webhook_id), form)


@router.post(
    "organise/series/{series_id}/webhooks/{webhook_id}/test/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Send a test to a webhook of a series",
    refusals=[acts.IS_OFF],
)
def test_webhook_of_series(request: PersonRequest, series_id: UrlID, webhook_id: UrlID) -> Done:
    """It is sent within a few seconds; what was answered is shown with the message."""
    return acts.send_test(request, _endpoint(request, series_id, webhook_id))


@router.post(
    "organise/series/{series_id}/webhooks/{webhook_id}/delete/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Delete a webhook of a series",
)
def delete_webhook_of_series(request: PersonRequest, series_id: UrlID, webhook_id: UrlID) -> Done:
    """Its URL and secrets are deleted now, what was sent to it a day later."""
    return acts.delete(request, _endpoint(request, series_id, webhook_id))


@router.get(
    "organise/series/{series_id}/webhooks/{webhook_id}/messages/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[WebhookMessageInList],
    summary="Messages to a webhook of a series",
)
def webhook_messages_of_series(
    request: PersonRequest, series_id: UrlID, webhook_id: UrlID, paging: Query[Paging]
) -> Page[WebhookMessageInList]:
    """The newest first."""
    return acts.list_messages(endpoint_of(_scope(request, series_id), webhook_id), paging)


@router.get(
    "organise/series/{series_id}/webhooks/messages/{message_id}/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=WebhookMessageWithAttempts,
    summary="A message to a webhook of a series",
)
def webhook_message_of_series(
    request: PersonRequest, series_id: UrlID, message_id: UrlID
) -> WebhookMessageWithAttempts:
    """With each attempt: what was sent, and what was answered."""
    return WebhookMessageWithAttempts.of(message_of(_scope(request, series_id), message_id))


@router.post(
    "organise/series/{series_id}/webhooks/messages/{message_id}/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Send a message to a webhook of a series again, or leave it out",
    refusals=[acts.IS_OFF],
)
def settle_webhook_message_of_series(
    request: PersonRequest, series_id: UrlID, message_id: UrlID, form: MessageAct
) -> Done:
    """Again: with the same ID, before all that waits. Left out: later ones no longer wait for it."""
    return acts.settle(request, message_of(_scope_to_change(request, series_id), message_id), form)


def _scope(request: PersonRequest, series_id: int) -> Series:
    return series_or_404(request, series_id, CHANGE)


def _scope_to_change(request: PersonRequest, series_id: int) -> Series:
    """As the pages: a browser confirms who is there before each change."""
    found = _scope(request, series_id)
    require_fresh_log_in_of_browser(request)
    return found


def _endpoint(request: PersonRequest, series_id: int, webhook_id: int) -> WebhookEndpoint:
    """To change it."""
    return endpoint_of(_scope_to_change(request, series_id), webhook_id)
