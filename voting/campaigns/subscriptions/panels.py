"""What the pages behind the links to unsubscribe show, and what a person reads of emails that came back."""

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.models import Membership
from voting.campaigns.subscriptions.reachability import (
    is_mailbox_unsubscribed,
    is_undeliverable,
    is_unsubscribed,
)

SUBSCRIPTION_PANEL = "voting/campaigns/subscription_panel"
NOTICES_PANEL = "voting/campaigns/notices_panel"
MAILBOX_PANEL = "voting/campaigns/mailbox_panel"
ADDRESS_NOTE = "voting/campaigns/address_note"


def subscription_panel(membership: Membership) -> Panel:
    facts = {"person": membership.user, "conference": membership.conference}
    if not membership.user.receives_campaigns:
        return Panel(SUBSCRIPTION_PANEL, "none", facts)
    here = "none_of_this_conference" if is_unsubscribed(membership) else "subscribed"
    return Panel(SUBSCRIPTION_PANEL, here, facts)


def notices_panel(person: User) -> Panel:
    return Panel(NOTICES_PANEL, "on" if person.receives_notices else "off", {"person": person})


def mailbox_panel(digest: str) -> Panel:
    """Invitations to a mailbox that need not belong to an account."""
    return Panel(MAILBOX_PANEL, "unsubscribed" if is_mailbox_unsubscribed(digest) else "subscribed")


def address_note(person: User) -> Panel | None:
    return Panel(ADDRESS_NOTE, "came_back", {"address": person.email}) if is_undeliverable(person) else None
