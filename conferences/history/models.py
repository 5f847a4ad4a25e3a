from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable

LONGEST_REASON = 300


class ConferenceChange(models.Model):
    """What organisers did to a published conference, and why; its members are notified. Never changed."""

    class Act(models.TextChoices):
        CANCELLED = "cancelled", _("Cancelled")
        REINSTATED = "reinstated", _("Takes place after all")
        MOVED = "moved", _("Moved")
        UNPUBLISHED = "unpublished", _("Taken off the site")
        REPUBLISHED = "republished", _("Back on the site")

    conference = models.ForeignKey(
        "conferences.Conference", models.PROTECT, related_name="changes", verbose_name=_("conference")
    )
    act = models.CharField(_("what"), max_length=12, choices=Act.choices)
    # Empty if it is back on the site.
    reason = LongText(_("reason"), blank=True, max_length=LONGEST_REASON, validators=[validate_encodable])
    # Of a move: when and where it was to take place, and now does, as `conferences.changes.dates` has them.
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("change to a conference")
        verbose_name_plural = _("changes to conferences")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.conference}: {self.get_act_display()}"
