import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from conferences.models import Conference
from conferences.sharing.calendars import calendar_address
from conferences.sharing.cards import card_path
from conferences.sharing.structured import event_data

register = template.Library()
# What could end the element or start a comment, in JSON's own escapes.
ESCAPES = {ord(c): f"\\u{ord(c):04X}" for c in "<>&\u2028\u2029"}


register.simple_tag(calendar_address)


@register.filter
def webcal(address: str) -> str:
    """The URL with the scheme that calendar programs open automatically."""
    return "webcal:" + address.partition(":")[2]


@register.simple_tag
def structured_event(conference: Conference) -> SafeString:
    """A block of data; browsers execute nothing of this type."""
    data = json.dumps(event_data(conference), ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(data))  # noqa: S308  # <, > and & are escaped


@register.simple_tag
def conference_card_path(conference: Conference) -> str:
    return card_path(conference)
