"""Which language to speak: the person's setting, then the browser's choice, then the site's own."""

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language_info

from accounts.models import User


def is_spoken(language: str) -> bool:
    return language in dict(settings.LANGUAGES)


def languages() -> list[tuple[str, str]]:
    """Every language of the site: its code, and its name in the language itself."""
    return [(code, capfirst(get_language_info(code)["name_local"])) for code, _name in settings.LANGUAGES]


def language_of(person: User) -> str:
    """The language for a mail, which no browser asks for."""
    return person.language if is_spoken(person.language) else settings.LANGUAGE_CODE
