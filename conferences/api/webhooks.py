from typing import ClassVar, Literal

from django.http import Http404
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import count_use
from conferences.api.doors import managed
from conferences.models import Conference
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.webhooks import actions
from conferences.webhooks.access import endpoint_of, message_of
from conferences.webhooks.admin_views import TESTS
from conferences.webhooks.forms import WebhookForm
from conferences.webhooks.links import CHANGE

router = ApiRouter("Webhooks")
Formats = Literal["json", "slack", "mattermost", "matrix", "discord"]


class WebhookToSave(Input):
    url: str = Field("", max_length=1000, description="Needed for a new one; empty keeps that of an old one.")
    format: Formats = "json"
    events: list[str] = Field(max_length=50, description="Such as `member.joined`.")

    EXAMPLE: ClassVar = {
        "url": "https://example.org/hooks/conferencebox",
        "format": "json",
        "events": ["member.joined", "result.published"],
    }

    def for_form(self) -> dict[str, object]:
        return {"url": self.url, "written_as": self.format, "events": self.events}


class Webhook(Answer):
    id: RowID
    host: str = Field(description="The rest of the URL is a secret of its receiver, and is not shown.")
    format: Formats
    events: list[str]
    created_at: Instant
    is_on: bool
    off_because: Literal["", "by_hand", "failing", "gone"]
    failing_since: Instant | None

    EXAMPLE: ClassVar = {
        "id": 4,
        "host": "example.org",
        "format": "json",
        "events": ["member.joined"],
        "created_at": "2027-02-01T09:30:00Z",
        "is_on": True,
        "off_because": "",
        "failing_since": None,
    }

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "Webhook":
        names = ("host", "format", "events", "created_at", "is_on", "failing_since")
        facts = {name: getattr(endpoint, name) for name in names}
        return cls(id=endpoint.pk, off_because=endpoint.switched_off_because, **facts)  # type: ignore[arg-type]


class NewSecret(Answer):
    webhook: Webhook
    secret: str = Field(description="With which messages are signed. It is not shown again.")

    EXAMPLE: ClassVar = {"webhook": Webhook.EXAMPLE, "secret": "whsec_…"}


class WebhookSwitch(Input):
    is_on: bool

    EXAMPLE: ClassVar = {"is_on": False}


class WebhookMessageInList(Answer):
    id: RowID
    event_id: str = Field(description="The header `webhook-id`, the same at each attempt.")
    event: str
    at: Instant
    state: Literal["waiting", "accepted", "given_up", "skipped"]
    attempts: int

    EXAMPLE: ClassVar = {
        "id": 91,
        "event_id": "msg_2f7c",
        "event": "member.joined",
        "at": "2027-03-01T08:00:00Z",
        "state": "accepted",
        "attempts": 1,
    }

    @classmethod
    def of(cls, message: WebhookMessage) -> "WebhookMessageInList":
        event = message.event
        return cls(
            id=message.pk,
            event_id=event.public_id,
            event=event.kind,
            at=event.at,
            state=message.state,  # type: ignore[arg-type]
            attempts=message.attempts,
        )


class MessageAct(Input):
    act: Literal["again", "skip"]

    EXAMPLE: ClassVar = {"act": "again"}


@router.get(
    "conferences/{slug}/organise/webhooks/",
    scope=Scope.ORGANISE_READ,
    answer=Page[Webhook],
    summary="Webhooks of a conference",
)
def webhooks(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[Webhook]:
    """The URLs of other programs that are notified of its events."""
    scope = _scope(request, slug)
    rows = WebhookEndpoint.objects.kept().of_scope(scope)
    return page_of_rows(rows, paging, order=("pk",), show=Webhook.of)


@router.post(
    "conferences/{slug}/organise/webhooks/",
    scope=Scope.ORGANISE_WRITE,
    answer=NewSecret,
    status=201,
    keeps_answer=False,
    summary="Add a webhook",
    refusals=["There are 10 webhooks already. Please delete one first."],
)
def add_webhook(request: PersonRequest, slug: Slug, form: WebhookToSave) -> NewSecret:
    """Answers with its secret, once."""
    scope = _scope(request, slug)
    entered = cleaned(WebhookForm(form.for_form()))
    endpoint, secret = actions.add_endpoint(scope=scope, by=actor_of(request), **entered)
    return NewSecret(webhook=Webhook.of(endpoint), secret=secret)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/change/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Change a webhook",
    refusals=["This webhook has been deleted."],
)
def change_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID, form: WebhookToSave) -> Done:
    """Its format and events, and its URL unless that is empty."""
    endpoint = _endpoint(request, slug, webhook_id)
    entered = cleaned(WebhookForm(form.for_form(), endpoint=endpoint))
    outcome = actions.change_endpoint(endpoint=endpoint, by=actor_of(request), **entered)
    return Done(outcome=outcome.value)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/secret/",
    scope=Scope.ORGANISE_WRITE,
    answer=NewSecret,
    keeps_answer=False,
    summary="Change the secret of a webhook",
)
def change_webhook_secret(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> NewSecret:
    """For a day, messages are signed with both."""
    endpoint = _endpoint(request, slug, webhook_id)
    secret = actions.change_secret(endpoint=endpoint, by=actor_of(request))
    return NewSecret(webhook=Webhook.of(endpoint), secret=secret)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/switch/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Switch a webhook on or off",
)
def switch_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID, form: WebhookSwitch) -> Done:
    """What happens while it is off is not sent."""
    endpoint = _endpoint(request, slug, webhook_id)
    verb = actions.switch_on if form.is_on else actions.switch_off
    return Done(outcome=verb(endpoint=endpoint, by=actor_of(request)).value)


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/test/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Send a test to a webhook",
    refusals=["This webhook is switched off. Please switch it on first."],
)
def test_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> Done:
    """It is sent within a few seconds; what was answered is in the list of messages."""
    endpoint = _endpoint(request, slug, webhook_id)
    count_use(TESTS, request)
    actions.send_test(endpoint=endpoint, by=actor_of(request))
    return Done(outcome="made")


@router.post(
    "conferences/{slug}/organise/webhooks/{webhook_id}/delete/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Delete a webhook",
)
def delete_webhook(request: PersonRequest, slug: Slug, webhook_id: UrlID) -> Done:
    """Its URL and secrets are deleted now, what was sent to it a day later."""
    endpoint = _endpoint(request, slug, webhook_id)
    outcome = actions.delete_endpoint(endpoint=endpoint, by=actor_of(request))
    return Done(outcome=outcome.value)


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
    endpoint = _endpoint(request, slug, webhook_id)
    rows = WebhookMessage.objects.filter(endpoint=endpoint).select_related("event")
    return page_of_rows(rows, paging, order=("-pk",), show=WebhookMessageInList.of)


@router.post(
    "conferences/{slug}/organise/webhooks/messages/{message_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=Done,
    summary="Send a message to a webhook again, or leave it out",
    refusals=["This webhook is switched off. Please switch it on first."],
)
def settle_webhook_message(request: PersonRequest, slug: Slug, message_id: UrlID, form: MessageAct) -> Done:
    """Again: with the same ID, before all that waits. Left out: later ones no longer wait for it."""
    found = message_of(_scope(request, slug), message_id)
    if form.act == "skip":
        outcome = actions.skip_message(message=found, by=actor_of(request))
        return Done(outcome=outcome.value)
    count_use(TESTS, request)
    return Done(outcome=actions.send_again(message=found, by=actor_of(request)).value)


def _scope(request: PersonRequest, slug: str) -> Conference:
    """A rehearsal has none."""
    found = managed(request, slug, CHANGE)
    if found.is_rehearsal:
        raise Http404
    return found


def _endpoint(request: PersonRequest, slug: str, webhook_id: int) -> WebhookEndpoint:
    return endpoint_of(_scope(request, slug), webhook_id)
