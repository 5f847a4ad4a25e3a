from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow
from confbox.kit.sorting import sort_key
from voting.elections.election.models import Election
from voting.elections.models import Decision


def order_of_voters(name: str, pk: int) -> tuple[bool, str, str, int]:
    return not name, sort_key(name), name, pk


class PublishedBallotsQuerySet(models.QuerySet["PublishedBallots"]):
    def to_unlink(self, *, overdue: timedelta = timedelta()) -> "PublishedBallotsQuerySet":
        """Those whose voters are still linked this long after the end of disputes, without rehearsals."""
        now = DatabaseNow() - overdue
        ended = now - timedelta(days=settings.DISPUTE_DAYS)
        later = Decision.objects.announced().filter(election=OuterRef("election"), decided_at__gt=ended)
        linked = self.filter(~Exists(later), unlinked_at=None, published_at__lte=ended)
        linked = linked.exclude(held_until__gt=now)
        return linked.filter(election__conference__rehearses=None)


class PublishedBallots(models.Model):
    """The final ballots of one election as anyone may read them, and their signature."""

    election = models.OneToOneField(
        Election,
        models.PROTECT,
        primary_key=True,
        related_name="published_ballots",
        verbose_name=_("election"),
    )
    ballots = models.TextField(_("ballots"))
    digest = models.CharField(_("digest"), max_length=64)
    result = models.JSONField(_("result"))
    # Outside of what is signed, so that a name can be deleted: member ID to name and salt.
    names = models.JSONField(_("names"), default=dict)
    # Votes by the hour in which they were cast, which would be lost when voters are unlinked.
    hours = models.JSONField(_("votes by the hour"), default=list)
    signature = models.CharField(_("signature"), max_length=128)
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    unlinked_at = models.DateTimeField(_("voters unlinked"), null=True, blank=True)
    # Set if the organisers keep voters linked for longer, while they look into a dispute.
    held_until = models.DateTimeField(_("voters kept linked until"), null=True, blank=True)
    hold_reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    objects = PublishedBallotsQuerySet.as_manager()

    class Meta:
        verbose_name = _("published ballots")
        verbose_name_plural = _("published ballots")
        default_permissions = ("view",)

    @property
    def dispute_ends_at(self) -> datetime:
        """Until then a receipt can be disputed: some days after publication, or after a later decision.

        Only after one that was announced: members must not see when a choice was made that is then declined.
        """
        decided_at = self.election.decisions.announced().aggregate(last=Max("decided_at"))["last"]
        since = max(self.published_at, decided_at or self.published_at)
        return since + timedelta(days=settings.DISPUTE_DAYS)

    @property
    def linked_until(self) -> datetime:
        """No voter is unlinked before: the end of the dispute window, or later if the organisers say so."""
        ends_at = self.dispute_ends_at
        return max(ends_at, self.held_until or ends_at)

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and now < self.held_until

    @property
    def file(self) -> dict[str, Any]:
        """The file result.json, which anyone may download."""
        return {**self.result, "names": self.names}

    @property
    def voters(self) -> list[str]:
        """The names of those who voted, if the rules publish them. Deleted names are empty, and last."""
        return [name for name, _pk in self.named_voters]

    @property
    def named_voters(self) -> list[tuple[str, int]]:
        """The same with the ID of each member, which is in the file too."""
        found = ((self.names.get(str(pk), [""])[0], pk) for pk in self.result.get("voters", []))
        return sorted(found, key=lambda one: order_of_voters(*one))

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.election}"
