"""The short link of a join code: what a QR code contains, and what is easy to type from a slide."""

from django.conf import settings
from django.urls import reverse

from conferences.models import JoinCode


def link_of(code: JoinCode) -> str:
    return str(settings.SITE_URL) + reverse("join-link", args=[code.code])


def shown_link(code: JoinCode) -> str:
    """Without `https://`, as people type it."""
    return link_of(code).partition("://")[2].rstrip("/")
