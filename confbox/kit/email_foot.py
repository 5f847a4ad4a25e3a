"""The last lines of an email: who writes, and how to reach them."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from confbox.kit.email_html import FOOT


def with_foot(text: str, *sentences: str) -> str:
    return text.strip("\n") + "\n" + FOOT + "\n\n".join(sentences) + "\n"


def site_email(*, subject: str, text: str, to: str) -> EmailMultiAlternatives:
    """An email from the site itself, in the active language. Replies go to its sender."""
    return EmailMultiAlternatives(subject, with_foot(text, *site_foot()), settings.DEFAULT_FROM_EMAIL, [to])


def site_foot() -> list[str]:
    known = {"site": settings.SITE_NAME, "url": settings.SITE_URL}
    return [
        _("This email is from %(site)s: %(url)s") % known,
        _("Questions? Reply to this email: it goes to the people who run %(site)s.") % known,
    ]
