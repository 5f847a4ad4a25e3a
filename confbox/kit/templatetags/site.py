from dataclasses import dataclass

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from confbox.kit.dates import format_date
from confbox.kit.fragments import filled_fragment
from confbox.kit.languages import languages
from confbox.kit.message_buttons import button_of

register = template.Library()
register.filter(button_of)
register.filter(format_date)


@register.simple_tag
def mailbox_path() -> str:
    """Where the demo keeps the emails that it does not send; empty where emails are sent."""
    return reverse("mailbox") if settings.MAILBOX else ""


@register.simple_tag
def log_in_providers() -> list[dict[str, str]]:
    """The ID and the name of each other log-in that this site offers."""
    return [{"id": key, "name": known["name"]} for key, known in settings.LOGIN_PROVIDERS.items()]


@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.simple_tag(takes_context=True)
def chosen_theme(context: template.Context) -> str:
    """`light` or `dark`; empty if the person leaves it to their device."""
    request = context.get("request")
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME) if request else ""
    return theme if theme in ("light", "dark") else ""


@dataclass(frozen=True)
class Footer:
    site: str
    theme: str
    has_choices: bool
    """Of language and theme: not on a page of a failure, which knows no request."""
    is_logged_in: bool


@register.simple_tag(takes_context=True)
def footer(context: template.Context) -> SafeString:
    request, user = context.get("request"), context.get("user")
    is_logged_in = bool(getattr(user, "is_authenticated", False))
    facts = Footer(site_name(), chosen_theme(context), request is not None, is_logged_in)
    path = request.get_full_path() if request else ""
    # A visitor gets no token, which would be a cookie, by a page that needs none.
    token = context.get("csrf_token") if is_logged_in else ""
    return filled_fragment("components/_footer.html", facts, next=path, csrf_token=token)


@register.simple_tag
def languages_of_site() -> list[tuple[str, str]]:
    """Each language's code, and its name in the language itself."""
    return languages()


TERRITORIES = {"en": "en_GB", "de": "de_DE", "es": "es_ES", "fr": "fr_FR", "hi": "hi_IN"}


@register.simple_tag
def open_graph_locale() -> str:
    """The page's language as Open Graph names it, with a territory."""
    return TERRITORIES.get(get_language() or "", "en_GB")


@register.simple_tag
def absolute(path: str) -> str:
    """The path with the site's public URL before it."""
    return str(settings.SITE_URL) + path
