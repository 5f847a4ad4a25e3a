"""The languages of the site."""

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language_info


def is_spoken(language: str) -> bool:
    return language in dict(settings.LANGUAGES)


def languages() -> list[tuple[str, str]]:
    """Every language of the site: its code, and its name in the language itself."""
    return [(code, capfirst(get_language_info(code)["name_local"])) for code, _name in settings.LANGUAGES]
