"""Whether events reach the programs that are to be notified of them."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.clock import database_now
from confbox.watching.findings import Finding, ok, warning
from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.webhooks.sending import due

# The worker looks every half second; a slow receiver with many events may take a while.
LATE_AFTER = timedelta(minutes=10)
FAILING_FOR = timedelta(hours=1)


def webhooks() -> Finding:
    now = database_now()
    late = _late(now).count()
    if late:
        said = ngettext(
            "%(n)d message to a webhook could be sent and is not.",
            "%(n)d messages to webhooks could be sent and are not.",
            late,
        )
        advice = _("Look at what conferencebox-worker logs.")
        return warning(f"{said % {'n': late}} {advice}", late)
    failing = WebhookEndpoint.objects.on().filter(failing_since__lt=now - FAILING_FOR).count()
    if not failing:
        return ok(_("No webhook has failed for long."), 0)
    said = ngettext(
        "%(n)d webhook accepts nothing. Its team sees why on its page; it is switched off after five days.",
        "%(n)d webhooks accept nothing. Their teams see why on their pages; they are switched off after five "
        "days.",
        failing,
    )
    return warning(said % {"n": failing}, failing)


def _late(now: datetime) -> QuerySet[WebhookMessage]:
    since = now - LATE_AFTER
    rested = Q(endpoint__next_attempt_at=None) | Q(endpoint__next_attempt_at__lt=since)
    return due().filter(rested, event__at__lt=since)


def waiting_messages() -> tuple[int, float]:
    """How many messages wait, and for how many seconds the oldest has."""
    found = WebhookMessage.objects.waiting().aggregate(number=Count("pk"), since=Min("event__at"))
    seconds = (database_now() - found["since"]).total_seconds() if found["since"] else 0.0
    return found["number"], max(0.0, seconds)


def endpoints_by_state() -> dict[str, int]:
    kept = WebhookEndpoint.objects.kept()
    on = kept.filter(switched_off_at=None)
    failing = on.exclude(failing_since=None).count()
    return {"on": on.count() - failing, "failing": failing, "off": kept.exclude(switched_off_at=None).count()}
