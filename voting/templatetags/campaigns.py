from django import template

from voting.campaigns.models import Campaign

register = template.Library()
Status = Campaign.Status
TONES = {
    Status.REQUESTED: "warning",
    Status.APPROVED: "open",
    Status.SENDING: "open",
    Status.PAUSED: "warning",
    Status.SENT: "success",
    Status.STOPPED: "danger",
    Status.REFUSED: "danger",
}


@register.filter
def tone(campaign: Campaign) -> str:
    """The colour of the badge of its status; empty for a plain one."""
    return TONES.get(Status(campaign.status), "")
