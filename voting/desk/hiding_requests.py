"""Which pitches a second person is asked to hide, for the pages on which a team moderates."""

from collections.abc import Iterable

from accounts.permissions import Viewer
from conferences.consent.panels import Asked, asked_of
from conferences.models import Conference, ConsentRequest, Membership
from voting.elections.election.two_people import HIDING


def asked_to_hide(conference: Conference, *, viewer: Viewer) -> dict[int, Asked]:
    """By the ID of the member: what waits for an answer, as far as the viewer may know of it."""
    known = ConsentRequest.objects.filter(conference=conference, act=HIDING).visible_to(viewer).waiting()
    found = {}
    for request in known.select_related("asked_by", "concerns"):
        request.conference = conference
        found[request.payload["member"]] = asked_of(request)
    return found


def note_requests(members: Iterable[Membership], conference: Conference, *, viewer: Viewer) -> None:
    found = asked_to_hide(conference, viewer=viewer)
    for member in members:
        vars(member)["asked_to_hide"] = found.get(member.pk)
