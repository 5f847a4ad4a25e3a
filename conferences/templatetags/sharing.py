from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse

from accounts.calendar_keys import calendar_secret
from accounts.models import User

register = template.Library()


@register.simple_tag
def calendar_address(user: User) -> str:
    """The secret address of the person's calendar; empty without one."""
    secret = calendar_secret(user)
    return f"{settings.SITE_URL}{reverse('my-calendar')}?{urlencode({'key': secret})}" if secret else ""


@register.filter
def webcal(address: str) -> str:
    """The address under the scheme that calendar programs open by themselves."""
    return "webcal:" + address.partition(":")[2]
