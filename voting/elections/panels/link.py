"""Until when the voters of a result are linked to their choices, for members and organisers."""

from django.conf import settings

from confbox.kit.panels import Panel
from conferences.models import Conference
from voting.elections.receipts.models import PublishedBallots

LINK_NOTE = "voting/elections/link_note"


def link_note(published: PublishedBallots, conference: Conference) -> Panel:
    """The result is of this conference, whose election has been read."""
    published.election = conference.election
    until = published.linked_until
    facts = {"conference": conference, "until": until, "held": None}
    if published.unlinked_at:
        return Panel(LINK_NOTE, "removed", facts | {"removed_at": published.unlinked_at})
    if conference.rehearses_id:
        return Panel(LINK_NOTE, "rehearsal", facts)
    if published.is_held(conference.now):
        facts["held"] = published.hold_reason
    if not settings.UNLINK_AUTOMATICALLY:
        return Panel(LINK_NOTE, "by_hand", facts)
    return Panel(LINK_NOTE, "automatic" if conference.now < until else "due", facts)
