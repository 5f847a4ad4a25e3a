"""Storing an event with what happened: both are committed, or neither."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from confbox.kit.clock import database_now
from conferences.outbox.kinds import CONFERENCE_CHANGED, EventKind, facts_of
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage, new_event_id


def emit(
    kind: EventKind, conference: Any, data: Mapping[str, Any] | None = None, *, only_once: bool = False
) -> WebhookEvent | None:
    """Stores the event for each webhook of the conference and of its series that is notified of it.

    Called inside the transaction of the verb. `data` has IDs and states alone: no names, no email addresses,
    no figures, and nothing about votes. Without such a webhook, it takes one query. No event of a draft or of
    a rehearsal is stored.
    """
    if conference.status == conference.Status.DRAFT or conference.is_rehearsal:
        return None
    of_series = Q(series=conference.series_id) if conference.series_id else Q(pk__in=())
    found = WebhookEndpoint.objects.on().filter(of_series | Q(conference=conference.pk)).order_by("pk")
    notified = [pk for pk, events in found.values_list("pk", "events") if kind.name in events]
    if not notified:
        return None
    occasion = f"{kind.name}:{conference.pk}" if only_once else new_event_id()
    return _store(kind, conference, notified, {**facts_of(conference), **(data or {})}, occasion)


def emit_change(conference: Any, change: str) -> None:
    """`change` is what was done to the conference: a word that is part of the interface."""
    emit(CONFERENCE_CHANGED, conference, {"change": change})


def _store(
    kind: EventKind, conference: Any, notified: list[int], data: dict[str, Any], occasion: str
) -> WebhookEvent:
    columns = {"kind": kind.name, "conference_id": conference.pk, "data": data, "at": database_now()}
    event, is_new = WebhookEvent.objects.get_or_create(occasion=occasion, defaults=columns)
    if is_new:
        messages = [WebhookMessage(endpoint_id=pk, event=event) for pk in notified]
        WebhookMessage.objects.bulk_create(messages)
    return event
