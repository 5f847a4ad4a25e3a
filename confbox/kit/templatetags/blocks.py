import html

from django import template
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.utils.html import strip_tags

register = template.Library()


@register.simple_tag(takes_context=True)
def text_of_block(context: Context, name: str) -> str:
    """What a block of this page says, without its markup, to say it in a second place, such as the title."""
    markup = BlockNode(name, template.NodeList()).render(context)
    return " ".join(html.unescape(strip_tags(markup)).split())
