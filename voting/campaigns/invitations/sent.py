"""The emails to a roster, and which of them can be sent to one person more."""

from conferences.models import Conference
from voting.campaigns.kinds.invitation import CODES
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign

Status = Campaign.Status
# An organiser has approved the text, and it was not stopped.
SENDABLE = {Status.APPROVED, Status.SENDING, Status.PAUSED, Status.SENT}


def emails_to_roster(conference: Conference) -> list[Campaign]:
    """Newest first, without those that were never sent."""
    found = Campaign.objects.filter(conference=conference, kind__in=CODES)
    return list(found.exclude(status__in=Campaign.NEVER_SENT).order_by("-pk"))


def can_be_resent(campaign: Campaign) -> bool:
    return campaign.status in SENDABLE and kind_of(campaign).can_be_resent
