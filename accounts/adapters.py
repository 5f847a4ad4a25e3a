from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context as allauth_context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import password_attempts
from accounts.actions import change_own_account
from accounts.actors import Actor
from accounts.devices import remember_device
from accounts.email_limits import count_email
from accounts.enrolment import SECOND_FACTORS
from accounts.hashers import end_hashing
from accounts.models import User
from accounts.reauthentication import is_fresh
from accounts.security_log import log_event, log_failed_log_in
from confbox.kit.email_addresses import normalise_email, validate_email_address
from confbox.kit.email_foot import site_foot, with_foot
from confbox.kit.email_sending import send_email
from confbox.kit.encryption import decrypt, encrypt
from confbox.kit.ip_addresses import client_ip_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with normalised email addresses, and emails that are sent by the worker."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That is not the code. Enter the six digits of our latest email."),
    }

    def clean_email(self, email: str) -> str:
        validate_email_address(email)
        return normalise_email(super().clean_email(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = {"name": settings.SITE_NAME, "domain": urlsplit(settings.SITE_URL).netloc}
        known = {"request": allauth_context.request, "email": email, "current_site": site}
        message = self.render_mail(template_prefix, email, known | context)
        message.body = with_foot(message.body, *site_foot())
        send_email(message)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A log-in that has just happened counts, so that no one types their password twice in a row.

        Raises:
            ReauthenticationRequired: immediately for a person who has neither a password nor a second
                factor, because allauth would not ask them for anything.
        """
        request = allauth_context.request
        if not super().is_reauthentication_required(app=app, **kwargs) or is_fresh(request):
            return False
        if not get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """Also by an emailed code, unless the person has a second factor, which is more than a mailbox."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated or is_mfa_enabled(user, SECOND_FACTORS):
            return methods
        page = reverse("reauthenticate-by-code")
        return [*methods, {"id": "code", "description": _("Email me a code"), "url": page}]

    def generate_email_verification_code(self) -> str:
        """Encrypted, because it is stored in the session; see `accounts.address_forms`."""
        return encrypt(super().generate_email_verification_code())

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """allauth limits emails per spelling of the address; this does so per mailbox and requester."""
        address = emailconfirmation.email_address
        count_email(request, address.email)
        known = {"user": address.user, "code": decrypt(emailconfirmation.key)}
        template = "email_confirmation_signup" if signup else "email_confirmation"
        self.send_mail(f"account/email/{template}", address.email, known)

    def set_password(self, user: User, password: str) -> None:
        """Writes only the password column: hashing takes time, and someone disabled meanwhile stays so."""
        user.set_password(password)
        change_own_account(
            columns={"password": user.password}, by=Actor(user, client_ip_address(allauth_context.request))
        )
        allauth_context.request.new_password_of = user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Outside the rate limit of log-ins, so that a stranger's attempts do not lock out an open session.

        The page has a rate limit of its own, per person.
        """
        is_right = user.check_password(password)
        if not is_right:
            log_event(allauth_context.request, "re-authentication", "failed", account=user.pk)
        return is_right

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Only a wrong password is counted, for its network and for its account."""
        slot = password_attempts.take_attempt(request, normalise_email(credentials.get("email") or ""))
        if not slot:
            password_attempts.record_failure(request)
            log_failed_log_in(request, credentials.get("email") or "", "throttled")
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        end_hashing(request)
        if user:
            password_attempts.record_success(request, slot, user.pk)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Skips allauth's own limit, which would block everyone behind one IP address."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        password_attempts.record_failure(request)
        log_failed_log_in(request, credentials.get("email") or "", "failed")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth calls this after a password reset; `test_reset_clears_the_lock` checks that it does."""
        password_attempts.clear_attempts(normalise_email(credentials.get("email") or ""))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        return response


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's second factors, with their secrets encrypted in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "That is not the code, or it was used before. Enter the one that your app shows now."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
