"""Events of an email provider, as django-anymail reads them. Imported only where BOUNCE_WEBHOOK names one.

What the provider says of an email counts like the email itself, had it come back: only with its token.
"""

import re
from importlib import import_module
from typing import Any

from anymail.signals import EventType, tracking
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from confbox.kit.provider_headers import NAME
from confbox.kit.returned_emails import Report, What, report_of_reply
from voting.campaigns.bounces.taking import note_reading, take_report

VIEWS = {
    "brevo": "BrevoTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
}
# Postfix and others write the recipient into the reply.
BREAKS = re.compile(r"\s+")


def take_events(request: HttpRequest) -> HttpResponse:
    """Raises SuspiciousOperation, which is answered with 400, if the secret or the signature is wrong."""
    name = settings.BOUNCE_WEBHOOK
    view = getattr(import_module(f"anymail.webhooks.{name}"), VIEWS[name]).as_view()
    try:
        return view(request)  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError):
        # Of the provider, but not what we know of it.
        return HttpResponseBadRequest()


class EventNotTakenError(Exception):
    """A fault of ours, which the provider has to hear as one, so that it tries again."""


def take_event(event: Any, **_signal: Any) -> None:
    try:
        note_reading()
        if report := report_of(event):
            take_report(report, sent_to=[report.sender])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EventNotTakenError from error


def report_of(event: Any) -> Report | None:
    sender = str((event.metadata or {}).get(NAME, ""))
    addresses = (str(event.recipient or ""),)
    # The server of the recipient refused the text; anymail takes it for a complaint of the person.
    if (event.esp_event or {}).get("Type") == "SpamNotification":
        return None
    if event.event_type == EventType.COMPLAINED:
        return Report(What.COMPLAINT, addresses, sender=sender)
    if event.event_type not in (EventType.BOUNCED, EventType.DEFERRED):
        return None
    words = BREAKS.sub(" ", str(event.mta_response or event.description or ""))
    is_final = event.event_type == EventType.BOUNCED
    return report_of_reply(words, addresses, sender=sender, is_final=is_final)


tracking.connect(take_event, dispatch_uid="returned emails")
