from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings

from accounts.models import normalise_email
from accounts.tasks import send_mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth, with addresses in our one spelling and mails that leave through the worker."""

    def clean_email(self, email: str) -> str:
        return normalise_email(super().clean_email(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = {"name": settings.SITE_NAME, "domain": allauth_context.request.get_host()}
        known = {"request": allauth_context.request, "email": email, "current_site": site}
        send_mail(self.render_mail(template_prefix, email, known | context))
