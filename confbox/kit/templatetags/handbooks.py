from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from confbox.kit.fragments import fragment
from confbox.kit.handbooks.topics import TOPICS

register = template.Library()


@register.simple_tag(takes_context=True)
def help_link(context: template.Context) -> SafeString:
    """To where a handbook explains the page of the request; empty if none does."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    topic = TOPICS.get(match.url_name or "") if match else None
    return fragment("components/_help_link.html", topic) if topic else SafeString()


@register.filter
def url_of_topic(topic: str) -> str:
    """Of a topic such as `organisers/people#roster`."""
    path, hash_sign, anchor = topic.partition("#")
    return reverse("handbook-chapter", args=path.split("/")) + hash_sign + anchor
