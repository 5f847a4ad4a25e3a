from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmailTest(models.Model):
    """An email that a person of the team had sent to themselves, to see that emails arrive.

    Who asked is in the audit log. The last one of a conference counts.
    """

    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, related_name="email_tests", verbose_name=_("conference")
    )
    asked_at = models.DateTimeField(_("requested"))
    # At most one of these is set: the mail server accepted the email, or did not.
    accepted_at = models.DateTimeField(_("accepted by the mail server"), null=True)
    failed_at = models.DateTimeField(_("failed"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("test email")
        verbose_name_plural = _("test emails")
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.conference}: {self.asked_at}"


class WorkerTurn(models.Model):
    """The single row that shows when the background work was last seen alive."""

    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.seen_at)

    @classmethod
    def last(cls) -> datetime | None:
        return cls.objects.values_list("seen_at", flat=True).first()
