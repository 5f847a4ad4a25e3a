"""What the pages of a campaign show to the requester and to organisers."""

from typing import Any

from confbox.kit.limits import LimitReached
from confbox.kit.panels import Panel
from conferences.models import Membership
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, SecretProgress
from voting.campaigns.subscriptions import is_mailbox_unsubscribed, is_unsubscribed

PROGRESS_PANEL = "voting/campaigns/progress_panel"
PREVIEW_PANEL = "voting/campaigns/preview_panel"
SUBSCRIPTION_PANEL = "voting/campaigns/subscription_panel"
MAILBOX_PANEL = "voting/campaigns/mailbox_panel"


def progress_panel(campaign: Campaign, progress: Progress | SecretProgress, *, url: str) -> Panel:
    """Progress of the campaign; while it changes, the panel reloads itself from the URL."""
    facts = {"campaign": campaign, "progress": progress, "renews_from": url if campaign.is_moving() else ""}
    if campaign.started_at:
        return Panel(PROGRESS_PANEL, "secret" if progress.is_secret else "counted", facts)
    is_approved = campaign.status == Campaign.Status.APPROVED
    return Panel(PROGRESS_PANEL, "approved" if is_approved else "not_started", facts)


def preview_panel(*, key: str, reached: LimitReached | None, form: Any) -> Panel:
    """The email as it is typed; `key` is that of the stored preview, empty if there is none."""
    if key:
        return Panel(PREVIEW_PANEL, "drawn", {"key": key})
    if reached:
        return Panel(PREVIEW_PANEL, "limited", {"sentence": reached.sentence})
    return Panel(PREVIEW_PANEL, "refused" if form.errors else "empty")


def subscription_panel(membership: Membership) -> Panel:
    facts = {"person": membership.user, "conference": membership.conference}
    if not membership.user.receives_campaigns:
        return Panel(SUBSCRIPTION_PANEL, "none", facts)
    here = "none_of_this_conference" if is_unsubscribed(membership) else "subscribed"
    return Panel(SUBSCRIPTION_PANEL, here, facts)


def mailbox_panel(digest: str) -> Panel:
    """Invitations to a mailbox that need not belong to an account."""
    return Panel(MAILBOX_PANEL, "unsubscribed" if is_mailbox_unsubscribed(digest) else "subscribed")
