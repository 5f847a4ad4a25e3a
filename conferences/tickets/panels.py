"""What the page of a person's ticket shows: it depends on no address that they have not confirmed."""

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.matching import free_entry, ticket_of
from conferences.models import Conference

TICKET_PANEL = "conferences/tickets/ticket_panel"


def ticket_panel(user: User, conference: Conference) -> Panel:
    if own := ticket_of(user=user, conference=conference):
        return Panel(TICKET_PANEL, "claimed", {"entry": own})
    free = free_entry(user=user, conference=conference)
    return Panel(TICKET_PANEL, "found" if free else "not_found", {"entry": free})
