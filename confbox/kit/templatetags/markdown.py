from django import template
from django.utils.safestring import SafeString, mark_safe

from confbox.kit.markdown import markdown_to_html

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return mark_safe(markdown_to_html(text))  # noqa: S308  # nh3 has cleaned it
