import logging

from django_tasks import task

from voting.campaigns.models import Campaign
from voting.campaigns.sending import slots
from voting.campaigns.sending.dispatch import finish_campaign, stop_if_pointless
from voting.campaigns.sending.worker import durably, send_one_batch

logger = logging.getLogger(__name__)


@task(queue_name="campaigns")
def send_batch(*, campaign_id: int, slot: int, round: int) -> None:
    """Sends one batch and enqueues the next. Safe to run twice, late, or never."""
    if not slots.enter(campaign_id=campaign_id, slot=slot, round=round):
        return
    campaign = Campaign.objects.sending().filter(pk=campaign_id).first()
    has_more = bool(campaign) and not stop_if_pointless(campaign_id) and send_one_batch(campaign_id)
    if not has_more:
        finish_campaign(campaign_id)
    durably(
        lambda: slots.leave(
            campaign_id=campaign_id, slot=slot, round=round, has_more=has_more, enqueue=send_batch.enqueue
        )
    )
