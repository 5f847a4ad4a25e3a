"""What operations of webhooks read and answer."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from confbox.kit.api.fields import Answer, Input, Instant, RowID
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from conferences.webhooks.panels import attempts_of

Formats = Literal["json", "slack", "mattermost", "matrix", "discord"]
Errors = Literal[
    "",
    "url",
    "host",
    "connection",
    "certificate",
    "timeout",
    "protocol",
    "redirect",
    "status",
    "secret",
]
MOST_TRIES = 100


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
    off_because: Literal["", "by_hand", "failing", "gone", "merged"]
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
        return cls(**_facts_of(message))


class WebhookAttemptShown(Answer):
    at: Instant
    milliseconds: int
    status: int | None = Field(description="Of the answer, if there was one.")
    error: Errors
    request: str
    answer: str = Field(description="Its beginning.")

    EXAMPLE: ClassVar = {
        "at": "2027-03-01T08:00:02Z",
        "milliseconds": 84,
        "status": 204,
        "error": "",
        "request": '{"type": "member.joined"}',
        "answer": "",
    }

    @classmethod
    def of(cls, attempt: WebhookAttempt) -> "WebhookAttemptShown":
        names = ("at", "milliseconds", "status", "error", "request", "answer")
        return cls(**{name: getattr(attempt, name) for name in names})


class WebhookMessageWithAttempts(WebhookMessageInList):
    webhook_id: RowID
    data: dict[str, Any] = Field(description="That of the event.")
    tries: list[WebhookAttemptShown] = Field(description="The newest first, at most 100 of them.")

    EXAMPLE: ClassVar = {
        **WebhookMessageInList.EXAMPLE,
        "webhook_id": 4,
        "data": {"conference_id": 3, "slug": "open-conf", "member_id": 17},
        "tries": [WebhookAttemptShown.EXAMPLE],
    }

    @classmethod
    def of(cls, message: WebhookMessage) -> "WebhookMessageWithAttempts":
        tries = attempts_of(message)[:MOST_TRIES]
        return cls(
            **_facts_of(message),
            webhook_id=message.endpoint_id,
            data=message.event.data,
            tries=[WebhookAttemptShown.of(each) for each in tries],
        )


class MessageAct(Input):
    act: Literal["again", "skip"]

    EXAMPLE: ClassVar = {"act": "again"}


def _facts_of(message: WebhookMessage) -> dict[str, Any]:
    event = message.event
    return {
        "id": message.pk,
        "event_id": event.public_id,
        "event": event.kind,
        "at": event.at,
        "state": message.state,
        "attempts": message.attempts,
    }
