from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that has passed the log-in middleware: somebody is there."""

    user: User


def is_second_click(request: HttpRequest) -> bool:
    """Whether it brings the same download as the first click of a double click; `RepeatedForms` tells."""
    is_first = getattr(request, "claim_press", lambda: True)
    return not is_first()
