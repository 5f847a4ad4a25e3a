"""What a token permits, for whom and until when, as its owner reads it."""

from zoneinfo import ZoneInfo

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from confbox.kit.dates import datetime_in_words
from conferences.api_access.models import ApiToken, Scope


def scopes_of(token: ApiToken) -> list[Scope]:
    return [scope for scope in Scope if scope in token.scopes]


def scopes_in_words(token: ApiToken) -> list[str]:
    return [str(scope.label) for scope in scopes_of(token)]


def conferences_in_words(token: ApiToken) -> str:
    if token.all_conferences:
        return _("all conferences")
    titles = [str(conference) for conference in token.conferences.all()]
    return str(get_text_list(titles, _("and"))) if titles else _("none: its conferences have been deleted")


def expiry_in_words(token: ApiToken) -> str:
    """In the owner's time zone."""
    zone = token.owner.time_zone
    return datetime_in_words(token.expires_at.astimezone(ZoneInfo(zone)), zone)
