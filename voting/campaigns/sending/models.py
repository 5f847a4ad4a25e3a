from django.db import models

from voting.campaigns.models import Campaign


class SendingSlot(models.Model):
    """One of the slots in which a campaign is sent in parallel: at most one task of it is queued or running.

    A task carries the slot's round. Waking the slot begins a new round, which frees the slot from a lost
    task and makes a late one harmless.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, db_index=False, related_name="slots")
    number = models.PositiveSmallIntegerField()
    round = models.PositiveIntegerField(default=0)
    woken_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="slot_once_per_number")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"


class Pace(models.Model):
    """The single row by which all workers keep to one rate: when the next email may be sent."""

    free_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.free_at)
