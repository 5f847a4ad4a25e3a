from collections.abc import Collection

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from accounts.profile_parts import ProfilePart, in_words
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email


def notify_of_removal(*, user: User, parts: Collection[ProfilePart], reason: str) -> None:
    """What was removed and why, and what the person can do. Nothing to disabled accounts."""
    if not user.is_active:
        return
    site = {"site_name": settings.SITE_NAME, "url": settings.SITE_URL + reverse("edit-profile")}
    with override(language_of(user)):
        context = site | {"user": user, "parts": in_words(parts), "reason": reason}
        text = render_to_string("accounts/emails/removed_from_profile.txt", context)
        subject = _("A part of your profile on %(site)s has been removed") % {"site": settings.SITE_NAME}
        send_email(site_email(subject=subject, text=text, to=user.email))
