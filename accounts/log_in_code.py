"""A log-in with a code by email, for people who have forgotten their password or have none."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.actions import confirm_address
from accounts.models import User
from accounts.password_attempts import earn

METHOD = "code"


def log_in_with_code(
    request: HttpRequest, user: User, *, url: str | None, is_remembered: bool
) -> HttpResponse:
    """Logs in a person who has entered the code, as allauth does after a password.

    It asks for the second factor, gives the session a new key and lists it. Internal to allauth: its own
    log-in by code decides with `ACCOUNT_LOGIN_BY_CODE_ENABLED` how codes are sent, too.
    """
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        confirm_address(user=user)
    earn(request, user.pk)
    record_authentication(request, user, METHOD)
    response: HttpResponse = perform_login(request, Login(user=user, email=user.email, redirect_url=url))
    request.session.set_expiry(settings.SESSION_COOKIE_AGE if is_remembered else 0)
    return response
