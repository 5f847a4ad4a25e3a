"""Which language to speak: the person's setting, then the browser's choice, then the site's own."""

from django.conf import settings

from accounts.models import User
from confbox.kit.languages import is_spoken


def language_of(person: User) -> str:
    """The language for a mail, which no browser asks for."""
    return person.language if is_spoken(person.language) else settings.LANGUAGE_CODE
