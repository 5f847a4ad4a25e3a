from django import template
from django.conf import settings
from django.urls import reverse

from accounts.dates import written
from accounts.languages import languages
from accounts.offers import offer_of

register = template.Library()
register.filter(offer_of)
register.filter(written)


@register.simple_tag
def mailbox_path() -> str:
    """Where the demonstration keeps the mails it does not send; empty where mails are sent."""
    return reverse("mailbox") if settings.MAILBOX else ""


@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.simple_tag(takes_context=True)
def chosen_theme(context: template.Context) -> str:
    """`light` or `dark`; empty where the person leaves it to their device."""
    request = context.get("request")
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME) if request else ""
    return theme if theme in ("light", "dark") else ""


@register.simple_tag
def languages_of_site() -> list[tuple[str, str]]:
    """Each language's code, and its name in the language itself."""
    return languages()
