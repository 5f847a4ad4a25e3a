"""What the pages of a campaign show to the requester and to organisers."""

from typing import Any

from confbox.kit.clock import database_now
from confbox.kit.limits import LimitReached
from confbox.kit.panels import Panel
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, SecretProgress

PROGRESS_PANEL = "voting/campaigns/progress_panel"
PREVIEW_PANEL = "voting/campaigns/preview_panel"


def progress_panel(
    campaign: Campaign, progress: Progress | SecretProgress, *, url: str, is_ready: bool = False
) -> Panel:
    """Progress of the campaign; while it changes, the panel reloads itself from the URL.

    `is_ready` says that it waits only for the person who wrote it and looks at it.
    """
    facts = {"campaign": campaign, "progress": progress, "renews_from": url if campaign.is_moving() else ""}
    if campaign.started_at:
        return Panel(PROGRESS_PANEL, "secret" if progress.is_secret else "counted", facts)
    if campaign.status == Campaign.Status.APPROVED:
        is_due = campaign.send_at is not None and campaign.send_at <= database_now()
        return Panel(PROGRESS_PANEL, "due" if is_due else "approved", facts)
    return Panel(PROGRESS_PANEL, "ready" if is_ready else "not_started", facts)


def preview_panel(*, key: str, reached: LimitReached | None, form: Any) -> Panel:
    """The email as it is typed; `key` is that of the stored preview, empty if there is none."""
    if key:
        return Panel(PREVIEW_PANEL, "drawn", {"key": key})
    if reached:
        return Panel(PREVIEW_PANEL, "limited", {"sentence": reached.sentence})
    return Panel(PREVIEW_PANEL, "refused" if form.errors else "empty")
