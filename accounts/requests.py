from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that has passed the log-in middleware: somebody is there."""

    user: User
