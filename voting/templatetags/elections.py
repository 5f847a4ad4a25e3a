from collections.abc import Iterable

from django import template
from django.contrib.messages.storage.base import Message

register = template.Library()


@register.filter
def has_moved_vote(messages: Iterable[Message] | None) -> bool:
    """Whether one of the messages says that an earlier vote was changed."""
    return any(message.extra_tags == "moved" for message in messages or ())
