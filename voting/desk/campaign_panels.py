"""What the review of a campaign shows to organisers, by its state."""

from confbox.kit.panels import Panel
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, SecretProgress

FOLDER = "admin/voting/campaign"
VERBS = f"{FOLDER}/verbs"
TROUBLE_NOTE = f"{FOLDER}/trouble_note"


def verbs(campaign: Campaign, *, refusal: str, is_moved: bool = False) -> Panel:
    """What can be done next; `refusal` is why this organiser may not approve it.

    With `is_moved` it takes the place of what the page shows.
    """
    state = campaign.status if campaign.status in ("approved", "sending", "paused") else "none"
    if campaign.is_waiting():
        state = "waiting_for_another" if refusal else "waiting"
    return Panel(VERBS, state, {"campaign": campaign, "refusal": refusal, "is_moved": is_moved})


def trouble_note(campaign: Campaign, progress: Progress | SecretProgress) -> Panel | None:
    """What the mail server said; of a secret audience no words of it, which could name a recipient."""
    if not campaign.trouble:
        return None
    if not isinstance(progress, SecretProgress):
        return Panel(TROUBLE_NOTE, "quoted", {"n": campaign.failures, "trouble": campaign.trouble})
    return Panel(TROUBLE_NOTE, "code" if progress.code else "refused", {"code": progress.code})
