from allauth.account.internal.flows.signup import complete_signup
from django.http import HttpRequest, HttpResponse

from accounts.invited_address import forget_invited_address
from accounts.models import User
from accounts.password_attempts import earn


def log_in_new_person(request: HttpRequest, user: User, *, url: str | None) -> HttpResponse:
    """Logs in a person whose account was just made and whose email address is confirmed; leads to the URL."""
    forget_invited_address(request)
    earn(request, user.pk)
    # Internal to allauth: its public views send a confirmation email first. Tests of the sign-up cover it.
    response: HttpResponse = complete_signup(request, user=user, redirect_url=url)
    return response
