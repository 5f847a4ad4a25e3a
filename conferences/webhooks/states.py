"""What becomes of an endpoint and of what waits for it. Its row is locked."""

from confbox.kit.clock import database_now
from conferences.outbox.models import WebhookEndpoint, WebhookMessage


def store(locked: WebhookEndpoint, **columns: object) -> None:
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.save(update_fields=[*columns])


def end_sending(locked: WebhookEndpoint, because: WebhookEndpoint.Off) -> None:
    """What waits is not sent."""
    now = database_now()
    store(locked, switched_off_at=now, switched_off_because=because)
    waiting = WebhookMessage.objects.waiting().filter(endpoint=locked)
    waiting.update(state=WebhookMessage.State.SKIPPED, ended_at=now)
