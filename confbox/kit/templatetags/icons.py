from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
LEVELS = {"success": "check-circle-fill", "warning": "exclamation-triangle", "error": "exclamation-triangle"}


# The URL of the file changes with a new version of the site, which is a new process.
@register.simple_tag
@lru_cache(200)
def icon(name: str) -> SafeString:
    """A decorative picture that only repeats the text next to it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )


@register.filter
def icon_of_level(level: str) -> str:
    """The icon of a message of this level."""
    return LEVELS.get(level, "info-circle")
