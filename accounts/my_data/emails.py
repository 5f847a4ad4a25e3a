from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email


def notify_of_deletion(*, user: User) -> None:
    """The last email to this address: the account has been deleted."""
    context = {"user": user, "site_name": settings.SITE_NAME}
    with override(language_of(user)):
        text = render_to_string("accounts/my_data/account_deleted.txt", context)
        subject = _("Your account on %(site)s has been deleted") % {"site": settings.SITE_NAME}
        send_email(site_email(subject=subject, text=text, to=user.email))
