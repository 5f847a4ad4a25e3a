"""Which language to use: the person's setting, then the browser's, then the site's."""

from django.conf import settings

from accounts.models import User
from confbox.kit.languages import is_spoken


def language_of(person: User) -> str:
    """The language of an email, for which there is no browser to ask."""
    return person.language if is_spoken(person.language) else settings.LANGUAGE_CODE
