"""Headers by which an email provider repeats what we give it in its reports.

A provider replaces the envelope sender by one of its own, so that a report says nothing of ours.
"""

import json
from collections.abc import Callable

from django.conf import settings

# The name under which django-anymail shows it again.
NAME = "bounce"


def _json(value: str) -> str:
    return json.dumps({NAME: value})


HEADERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "brevo": ("X-Mailin-custom", _json),
    "mailgun": ("X-Mailgun-Variables", _json),
    "postmark": (f"X-PM-Metadata-{NAME}", str),
}


def provider_headers(sender: str) -> dict[str, str]:
    """By the provider in BOUNCE_WEBHOOK; none without one."""
    if not settings.BOUNCE_WEBHOOK:
        return {}
    name, written = HEADERS[settings.BOUNCE_WEBHOOK]
    return {name: written(sender)}
