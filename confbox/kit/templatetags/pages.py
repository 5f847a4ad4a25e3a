"""The links to the other pages of a list."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template.defaulttags import querystring
from django.utils.safestring import SafeString

from confbox.kit.fragments import filled_fragment

register = template.Library()


@dataclass(frozen=True)
class Place:
    """What the links say. A list that is walked is not counted, and has neither number nor count."""

    number: int
    count: int
    has_previous: bool
    has_next: bool
    is_cut: bool
    # Whether another page takes the place of this one without a new document.
    swaps: bool


@register.simple_tag(takes_context=True)
def pages(context: template.Context, page: Any, *, swaps: bool = False) -> SafeString:
    count = page.paginator.num_pages if page.paginator else 0
    place = Place(
        number=page.number if count else 0,
        count=count,
        has_previous=page.has_previous(),
        has_next=page.has_next(),
        is_cut=getattr(page, "is_cut", False),
        swaps=swaps,
    )
    if not (place.has_previous or place.has_next or place.is_cut):
        return SafeString()
    previous = querystring(context, page=page.previous_page_number()) if place.has_previous else ""
    following = querystring(context, page=page.next_page_number()) if place.has_next else ""
    return filled_fragment("components/_pages.html", place, previous=previous, following=following)
