"""Sessions are rows that stay, so there is a limit to how many one network and one person can create."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limit_pages import limit_page, unread_page
from confbox.kit.limits import Limit, LimitReached, count_use_for, network_key, refuse_used_up

STRANGERS = Limit("sessions of strangers", network="600/m,10000/d")
PERSONS = Limit("sessions of a person", person="60/h")
# nginx treats a request with a cookie as a known person's, outside the limits of the network. A cookie of
# an ended session gets through once: the response deletes it.
MADE_UP = Limit("made-up sessions", network="1200/m")
# A code is valid for ten minutes; after a day no one needs to know what became of it.
STRANGERS_SECONDS = 24 * 3600
# Forms that lead to a code or to a provider, which needs a session.
LEADS_TO_SESSION = ("/accounts/signup/", "/accounts/password/", "/accounts/login/code/", "/accounts/with/")


class CountedSessions:
    """Counts each session before it is stored for the first time, and stores none beyond the limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if before and _is_made_up(request.session):
            try:
                count_use_for(MADE_UP, network=_network_of(request))
            except LimitReached as reached:
                return unread_page(reached)
        try:
            # Before any work is done for it.
            if not before and request.method == "POST" and request.path.startswith(LEADS_TO_SESSION):
                refuse_used_up(STRANGERS, network=_network_of(request))
            response = self.get_response(request)
            _count(request, before)
        except LimitReached as reached:
            request.session.flush()
            return limit_page(request, reached)
        return response


def _is_made_up(session: SessionBase) -> bool:
    """Whether there is no such session: its key was invented, or it has ended."""
    used = session.accessed
    session.get(SESSION_KEY)
    # Without marking the session as accessed: the response must not vary on the cookie because of this.
    session.accessed = used
    return session.session_key is None


def _network_of(request: HttpRequest) -> str:
    return network_key(client_ip_address(request))


def _count(request: HttpRequest, before: str) -> None:
    session = request.session
    person = str(session.get(SESSION_KEY, "")) if session.modified else ""
    if person and session.get_expiry_age() == STRANGERS_SECONDS:
        session.set_expiry(None)
    if not session.modified or session.is_empty() or (session.session_key or "") == before != "":
        return
    if person:
        count_use_for(PERSONS, person=person)
    else:
        count_use_for(STRANGERS, network=_network_of(request))
        session.set_expiry(STRANGERS_SECONDS)
