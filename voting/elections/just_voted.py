"""That a vote has just been stored, for the ballot to say so: once, in the browser that sent it.

A message would be signed and read back, and say no more than the page does.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FIRST, MOVED = "first", "moved"
# The next page deletes it.
SECONDS = 60


def note_vote(response: HttpResponse, *, slug: str, act: str) -> None:
    """The cookie says neither whose vote it is nor for whom."""
    response.set_cookie(
        settings.VOTED_COOKIE_NAME,
        cookie_of(slug, act),
        max_age=SECONDS,
        samesite="Lax",
        secure=settings.HTTPS,
        httponly=True,
    )


def cookie_of(slug: str, act: str) -> str:
    return f"{slug}.{act}"


def act_noted(request: HttpRequest, slug: str) -> str:
    """`FIRST` or `MOVED`; empty if no vote in this conference was stored just before this page."""
    of, _dot, act = request.COOKIES.get(settings.VOTED_COOKIE_NAME, "").partition(".")
    return act if of == slug and act in (FIRST, MOVED) else ""


def forget_vote(response: HttpResponse) -> None:
    response.delete_cookie(settings.VOTED_COOKIE_NAME, samesite="Lax")
