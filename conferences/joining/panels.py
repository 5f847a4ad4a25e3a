"""What the pages on which people join show, by what the person can do there."""

from django.http import HttpRequest

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.admission.requests import own_request, refusal_to_ask
from conferences.models import Conference, JoinCode, Membership

REQUEST_PANEL = "conferences/request_panel"
LINK_PANEL = "conferences/link_panel"


def request_panel(user: User, conference: Conference) -> Panel:
    """Of the page on which a person asks to be let in."""
    own = own_request(conference=conference, user=user)
    refusal = refusal_to_ask(conference=conference, user=user)
    facts = {"last": own.last, "refusal": refusal}
    is_member = Membership.objects.current().filter(conference=conference, user=user).exists()
    if own.is_waiting and not is_member:
        return Panel(REQUEST_PANEL, "waiting", facts)
    if refusal:
        return Panel(REQUEST_PANEL, "declined" if own.is_final else "not_offered", facts)
    return Panel(REQUEST_PANEL, "can_ask_again" if own.is_declined else "can_ask", facts)


def link_panel(request: HttpRequest, code: JoinCode) -> Panel:
    """Of the page behind a QR code: what this person can do with a code that admits them."""
    conference = code.conference
    facts = {"conference": conference, "code": code}
    if not isinstance(request.user, User):
        return Panel(LINK_PANEL, "sign_up", facts)
    mine = Membership.objects.current().filter(conference=conference, user=request.user)
    return Panel(LINK_PANEL, "member" if mine.exists() else "can_join", facts)


def closed_panel(sentence: str) -> Panel:
    """Why the link admits no one. It names no conference that the reader may not see."""
    return Panel(LINK_PANEL, "closed", {"sentence": sentence})
