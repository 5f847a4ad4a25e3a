"""The short link of a join code: what a QR code contains, and what is easy to type from a slide."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from conferences.admission.codes import DEAD_CODE
from conferences.admission.rules import usable_code
from conferences.models import JoinCode


def code_of_link(typed: str) -> JoinCode:
    """The code in a link that was opened, if it admits people now.

    Raises:
        ValidationError: it does not. The message names no conference, which may be a draft.
    """
    found = usable_code(typed)
    if not found.conference.is_joinable():
        raise ValidationError(_("This conference is not open to new members."), code=DEAD_CODE)
    return found


def link_of(code: JoinCode) -> str:
    return str(settings.SITE_URL) + reverse("join-link", args=[code.code])


def shown_link(code: JoinCode) -> str:
    """Without `https://`, as people type it."""
    return _as_typed(link_of(code))


def page_to_type_at() -> str:
    """Where people type a code, as they type it."""
    return _as_typed(str(settings.SITE_URL) + reverse("enter-code"))


def _as_typed(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
