from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that has passed the log-in middleware: somebody is there."""

    user: User


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address by the same rule that throttling uses; None where it cannot be known."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None
