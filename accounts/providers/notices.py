from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email


def notify_of_log_in(*, user: User, provider: str, is_connected: bool) -> None:
    """So that the owner learns if it was not them."""
    with override(language_of(user)):
        words = {"site": settings.SITE_NAME, "provider": provider}
        subject = (
            _("You can now log in to %(site)s with %(provider)s")
            if is_connected
            else _("You can no longer log in to %(site)s with %(provider)s")
        )
        known = {"user": user, "is_connected": is_connected, "site_url": settings.SITE_URL} | words
        known |= {"url": settings.SITE_URL + reverse("usersessions_list")}
        text = render_to_string("accounts/emails/log_in_changed.txt", known)
        send_email(site_email(subject=subject % words, text=text, to=user.email))
