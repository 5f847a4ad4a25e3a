from django.db import models
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference
from voting.campaigns.models import Campaign


class Notice(models.Model):
    """What became of one email of the timetable when it was due. Changed only if it is late when it leaves.

    The unique constraint ensures that each is sent at most once: the row is stored in the transaction that
    creates the campaign or the emails.
    """

    class Outcome(models.TextChoices):
        SENT = "sent", _("Sent")
        REWORDED = "reworded", _("Sent late, and says so")
        SKIPPED = "skipped", _("Not sent")

    class Reason(models.TextChoices):
        """Why it was not sent."""

        NONE = "", ""
        OFF = "off", _("It was switched off.")
        LATE = "late", _("It would have come too late.")
        CHANGED = "changed", _("Members had just been notified of the new deadline.")
        PITCHED = "pitched", _("There was a candidate with a pitch.")
        NO_READER = "nobody", _("There was no member yet who could vote and get it.")
        DECIDED = "decided", _("The speaker had been chosen.")

    conference = models.ForeignKey(Conference, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20)
    # Tells apart those of one kind in one conference; 0 for a kind that is sent once.
    occasion = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True, default="")
    due_at = models.DateTimeField()
    # By the database's clock.
    at = models.DateTimeField()
    # Of an email to members.
    campaign = models.OneToOneField(Campaign, models.PROTECT, null=True, related_name="timetable_notice")

    class Meta:
        verbose_name = _("email of the timetable")
        verbose_name_plural = _("emails of the timetable")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "kind", "occasion"], name="notice_once_per_occasion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conference_id}: {self.kind} {self.occasion}"


class SwitchedOffNotice(models.Model):
    """Organisers do not want this email of the timetable to be sent. Without a row, it is."""

    conference = models.ForeignKey(Conference, models.CASCADE, related_name="switched_off_notices")
    kind = models.CharField(max_length=20)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conference", "kind"], name="notice_switched_off_once")
        ]

    def __str__(self) -> str:
        return f"{self.conference_id}: {self.kind}"
