from django import template
from django.utils.safestring import SafeString, mark_safe

from confbox.kit.markdown import markdown_to_html

register = template.Library()
LONG_IN_CHARACTERS, LONG_IN_LINES = 1500, 24


@register.filter
def markdown(text: str) -> SafeString:
    return mark_safe(markdown_to_html(text))  # noqa: S308  # nh3 has cleaned it


@register.filter
def is_long(text: str) -> bool:
    """Whether a page shows only its beginning at first."""
    return len(text) > LONG_IN_CHARACTERS or text.count("\n") > LONG_IN_LINES
