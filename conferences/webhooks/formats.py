"""What a message looks like: an object for a program, or a line in a chat with a link."""

import json
import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from conferences.outbox.kinds import KINDS
from conferences.outbox.models import WebhookEndpoint, WebhookEvent

Format = WebhookEndpoint.Format
ZERO_WIDTH_SPACE = "\u200b"
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:])")
LONGEST_MESSAGE = 1500


def body_of(event: WebhookEvent, endpoint: WebhookEndpoint) -> str:
    """As it is sent, in the language of the endpoint."""
    with override(endpoint.language):
        content = FORMATS[Format(endpoint.format)](event)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def url_of(event: WebhookEvent) -> str:
    return settings.SITE_URL + KINDS[event.kind].page(event)


def _sentence(event: WebhookEvent) -> str:
    return KINDS[event.kind].in_words(event)[:LONGEST_MESSAGE]


def _json(event: WebhookEvent) -> dict[str, Any]:
    at = event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": event.kind, "timestamp": at, "data": event.data}


def _slack(event: WebhookEvent) -> dict[str, Any]:
    words = _sentence(event)
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        words = words.replace(letter, entity)
    return {"text": f"{words} <{url_of(event)}|{_link()}>", "unfurl_links": False}


def _mattermost(event: WebhookEvent) -> dict[str, Any]:
    return {"text": _markdown(event)}


def _discord(event: WebhookEvent) -> dict[str, Any]:
    return {"content": _markdown(event), "allowed_mentions": {"parse": []}}


def _matrix(event: WebhookEvent) -> dict[str, Any]:
    """As Hookshot, the bridge of Matrix, takes it."""
    url, words = url_of(event), _quiet(_sentence(event))
    html = format_html('{} <a href="{}">{}</a>', words, url, _link())
    return {"text": f"{words} {url}", "html": html}


def _markdown(event: WebhookEvent) -> str:
    """No title of a conference becomes a heading, a link, or a call to everyone in the room."""
    words = MARKDOWN.sub(r"\\\1", _sentence(event))
    return f"{_quiet(words)} [{_link()}]({url_of(event)})"


def _quiet(words: str) -> str:
    return words.replace("@", f"@{ZERO_WIDTH_SPACE}")


def _link() -> str:
    return _("Open the page")


FORMATS: dict[WebhookEndpoint.Format, Callable[[WebhookEvent], dict[str, Any]]] = {
    Format.JSON: _json,
    Format.SLACK: _slack,
    Format.MATTERMOST: _mattermost,
    Format.MATRIX: _matrix,
    Format.DISCORD: _discord,
}
