"""A message with a button that undoes what was just done."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True)
class MessageButton:
    path: str
    verb: str
    fields: dict[str, str] = field(default_factory=dict)


def success_with_button(
    request: HttpRequest, sentence: str, *, verb: str, path: str, **fields: object
) -> None:
    """Adds a success message with a button that posts these fields to the path."""
    target = f"{path}?{urlencode(fields)}" if fields else path
    messages.success(request, sentence, extra_tags=f"{target} {verb}")


def button_of(message: Message) -> MessageButton | None:
    target, _space, verb = (message.extra_tags or "").partition(" ")
    path, _mark, fields = target.partition("?")
    return MessageButton(path, verb, dict(parse_qsl(fields))) if verb else None
