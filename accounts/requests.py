from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that has passed the log-in middleware: its user is a person."""

    user: User


def is_second_click(request: HttpRequest) -> bool:
    """Whether it is the second click of a double click on a download; `RepeatedForms` sets it."""
    is_first = getattr(request, "claim_press", lambda: True)
    return not is_first()


def is_sent_again(request: HttpRequest) -> bool:
    """Whether the same form of the same page was sent some minutes ago; a double click is answered before.

    For a form whose response must not be kept. It counts as sent from now on.
    """
    is_first = getattr(request, "claim_form", lambda: True)
    return not is_first()
