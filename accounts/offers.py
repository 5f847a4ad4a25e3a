"""A message that bears a button: the way back from what was just done."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True)
class Offer:
    path: str
    verb: str


def say_and_offer(request: HttpRequest, sentence: str, *, verb: str, path: str) -> None:
    """Tells that something is done, with a button that posts to the path."""
    messages.success(request, sentence, extra_tags=f"{path} {verb}")


def offer_of(message: Message) -> Offer | None:
    path, _space, verb = (message.extra_tags or "").partition(" ")
    return Offer(path, verb) if verb else None
