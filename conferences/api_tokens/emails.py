"""Emails to the owner of a token, in their language. They never contain the token."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email
from conferences.api_access.models import ApiToken
from conferences.api_tokens.words import conferences_in_words, expiry_in_words, scopes_in_words


def notify_of_token(*, token: ApiToken, ip_address: str | None) -> None:
    """That it was made, so that the owner notices if someone else did."""
    with override(language_of(token.owner)):
        subject = _("A new API token of your account on %(site)s") % {"site": settings.SITE_NAME}
        _send(token, "made", subject, ip_address=ip_address)


def remind_of_expiry(*, token: ApiToken) -> None:
    with override(language_of(token.owner)):
        subject = _("An API token of your account on %(site)s expires soon") % {"site": settings.SITE_NAME}
        _send(token, "expires_soon", subject)


def _send(token: ApiToken, template: str, subject: str, **facts: Any) -> None:
    site = {"site_name": settings.SITE_NAME, "url": settings.SITE_URL + reverse("api-tokens")}
    known = {"token": token, "user": token.owner, "until": expiry_in_words(token)}
    known |= {"scopes": scopes_in_words(token), "conferences": conferences_in_words(token)}
    text = render_to_string(f"conferences/api_tokens/emails/{template}.txt", site | known | facts)
    send_email(site_email(subject=subject, text=text, to=token.owner.email))
