"""The address to which an invitation was sent, filled in when its reader signs up to answer it.

It is kept in the session: a URL would take it into logs and histories.
"""

from django.http import HttpRequest

KEY = "invited-address"


def keep_invited_address(request: HttpRequest, email: str) -> None:
    """Call it on the page of the invitation, to which the sign-up leads back."""
    request.session[KEY] = {"page": request.path, "email": email}


def invited_address(request: HttpRequest, page: str | None) -> str:
    """The address, if the sign-up leads back to its invitation; else the next person could read it there."""
    kept = request.session.get(KEY, {})
    return str(kept["email"]) if kept and kept["page"] == page else ""


def forget_invited_address(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
