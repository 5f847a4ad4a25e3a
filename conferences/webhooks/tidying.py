from datetime import timedelta

from confbox.kit.clock import database_now
from conferences.outbox.models import WebhookAttempt, WebhookEndpoint, WebhookEvent, WebhookMessage

KEPT_DAYS = 30
# A transaction that still refers to a deleted endpoint has ended by then.
DELETED_AFTER = timedelta(days=1)
# So many at a time, each minute, so that no transaction is long.
AT_A_TIME = 1000


def delete_old_events() -> None:
    """Events with all that was sent of them, and endpoints that were deleted. Called each minute."""
    now = database_now()
    before = now - timedelta(days=KEPT_DAYS)
    events = WebhookEvent.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)
    if old := list(events[:AT_A_TIME]):
        messages = WebhookMessage.objects.filter(event__in=old)
        WebhookAttempt.objects.filter(message__in=messages).delete()
        messages.delete()
        WebhookEvent.objects.filter(pk__in=old).delete()
    gone = WebhookEndpoint.objects.filter(deleted_at__lt=now - DELETED_AFTER)
    for endpoint in gone:
        endpoint.delete()
