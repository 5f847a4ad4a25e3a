"""What the pages of webhooks show: each with its state, and its log."""

import json
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conferences.outbox.kinds import KINDS
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from conferences.webhooks.links import Scope, url_of

State = WebhookMessage.State
NO_KIND = {"test": ""}


@dataclass(frozen=True)
class ShownEndpoint:
    """A row of the list."""

    endpoint: WebhookEndpoint
    waiting: int
    url: str
    # Why it fails, if it does.
    last_attempt: WebhookAttempt | None

    @property
    def events(self) -> list[str | Promise]:
        return [KINDS[name].label for name in self.endpoint.events if name in KINDS]

    @property
    def state(self) -> str:
        if not self.endpoint.is_on:
            return _("Switched off")
        return _("Failing") if self.endpoint.failing_since else _("On")

    @property
    def why_off(self) -> str:
        because = self.endpoint.switched_off_because
        return str(WebhookEndpoint.Off(because).label) if because else ""


def shown_endpoints(scope: Scope) -> list[ShownEndpoint]:
    return [shown(each) for each in WebhookEndpoint.objects.kept().of_scope(scope).order_by("pk")]


def shown(endpoint: WebhookEndpoint) -> ShownEndpoint:
    waiting = WebhookMessage.objects.waiting().filter(endpoint=endpoint)
    # Later ones wait for the first.
    first = waiting.order_by("pk").first() if endpoint.failing_since else None
    last_attempt = attempts_of(first).first() if first else None
    return ShownEndpoint(endpoint, waiting.count(), url_of(endpoint.scope, "one", endpoint.pk), last_attempt)


@dataclass(frozen=True)
class ShownMessage:
    """A row of the log."""

    message: WebhookMessage
    url: str

    @property
    def event(self) -> str:
        kind = KINDS.get(self.message.event.kind)
        return str(kind.label if kind else self.message.event.kind)

    @property
    def is_waiting(self) -> bool:
        return self.message.state == State.WAITING

    @property
    def data(self) -> str:
        return json.dumps(self.message.event.data, ensure_ascii=False)


def log_of(endpoint: WebhookEndpoint) -> QuerySet[WebhookMessage]:
    """The last event first."""
    return WebhookMessage.objects.filter(endpoint=endpoint).select_related("event").order_by("-pk")


def shown_message(message: WebhookMessage, endpoint: WebhookEndpoint) -> ShownMessage:
    return ShownMessage(message, url_of(endpoint.scope, "message", message.pk))


def attempts_of(message: WebhookMessage) -> QuerySet[WebhookAttempt]:
    return WebhookAttempt.objects.filter(message=message).order_by("-pk")
