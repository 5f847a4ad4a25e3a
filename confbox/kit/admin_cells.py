"""Cells of the lists of the admin, which are cards without headings on a phone."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

NEVER = "–"
# Left out of a card.
EMPTY = format_html('<span class="cell-empty">{}</span>', NEVER)


def labelled(label: object, value: object) -> SafeString:
    """A cell that a card shows with its heading, or leaves out if there is no value."""
    if value is None or value == "":
        return EMPTY
    return format_html('<span class="cell-label">{}: </span>{}', capfirst(str(label)), value)
