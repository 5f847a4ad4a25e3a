from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference


class PublishedBallots(models.Model):
    """The final ballots of one conference as anyone may read them, and what vouches for them."""

    conference = models.OneToOneField(
        Conference,
        models.PROTECT,
        primary_key=True,
        related_name="published_ballots",
        verbose_name=_("conference"),
    )
    ballots = models.TextField(_("ballots"))
    digest = models.CharField(_("digest"), max_length=64)
    result = models.JSONField(_("result"))
    signature = models.CharField(_("signature"), max_length=128)
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    sealed_at = models.DateTimeField(_("sealed"), null=True, blank=True)

    class Meta:
        verbose_name = _("published ballots")
        verbose_name_plural = _("published ballots")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.conference}"
