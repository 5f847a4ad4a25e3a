from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conferences.local_times import in_zone
from conferences.models import Conference
from conferences.templatetags.dates import time_left
from voting.elections.just_voted import MOVED
from voting.elections.panels.ballot import Face

register = template.Library()


@dataclass(frozen=True)
class Slip:
    """What the ballot says about a vote that is in: the same to all who chose this member."""

    chosen: Face
    left: str
    closes: str
    has_receipt: bool
    is_new: bool
    has_moved: bool


@register.simple_tag
def slip(facts: Mapping[str, Any], conference: Conference, just_voted: str) -> Slip:
    closes = facts["election"].closes_at
    return Slip(
        chosen=facts["chosen"],
        left=time_left(closes),
        closes=in_zone(conference, closes),
        has_receipt=bool(facts["vote"].nonce),
        is_new=bool(just_voted),
        has_moved=just_voted == MOVED,
    )


@register.simple_tag
def place_fields(words: str, page: Any) -> SafeString:
    """With a vote, the page and the search of the ballot are sent, and the voter comes back to them."""
    if not words and not (page and page.has_previous()):
        return SafeString()
    return render_to_string("voting/elections/_place.html", {"q": words, "page": page})
