from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from confbox.kit.search import words_of
from confbox.kit.text_fields import LongText


class MembershipQuerySet(models.QuerySet["Membership"]):
    def get_by_natural_key(self, slug: str, email: str) -> "Membership":
        return self.get(conference__slug=slug, user__email=email)

    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def of_active_people(self) -> "MembershipQuerySet":
        return self.current().filter(user__is_active=True)

    def candidates(self) -> "MembershipQuerySet":
        """Those who can be voted for."""
        return self.of_active_people().filter(accepts_votes=True, excluded_at=None)

    def search(self, words: str) -> "MembershipQuerySet":
        """Members whose name or shown profession has every word; private data is never searched."""
        found = self
        for word in words_of(words):
            shown = Q(user__profession__folded=word, user__shows_profession=True)
            found = found.filter(Q(user__name__folded=word) | shown)
        return found


class Membership(models.Model):
    """A person joined a conference. Leaving sets `left_at`; coming back clears it."""

    conference = models.ForeignKey(
        "conferences.Conference", models.PROTECT, related_name="memberships", verbose_name=_("conference")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    accepts_votes = models.BooleanField(_("can be voted for"), default=True)
    excluded_at = models.DateTimeField(_("excluded from the vote"), null=True, blank=True)
    exclusion_reason = LongText(_("reason of the exclusion"), blank=True, max_length=2000)

    as_of: datetime | None = None

    # Digest of the mailbox with which the member joined, where that may be done once. Null: unknown, or left.
    mailbox = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["pk"]
        indexes = [models.Index(fields=["conference", "left_at"], name="membership_current")]
        constraints = [
            models.UniqueConstraint(fields=["conference", "user"], name="membership_once_per_person"),
            # A unique column takes any number of nulls, so who left is not in the way.
            models.UniqueConstraint(fields=["conference", "mailbox"], name="membership_once_per_mailbox"),
        ]
        permissions = [("exclude_membership", "Can exclude members from a vote")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def can_be_voted_for(self) -> bool:
        return (
            self.left_at is None
            and self.excluded_at is None
            and self.accepts_votes
            and bool(self.user.is_active)
        )

    def natural_key(self) -> tuple[str, str]:
        return (self.conference.slug, self.user.email)

    def get_absolute_url(self) -> str:
        return reverse("member", args=[self.conference.slug, self.pk])


class ExcludedMailbox(models.Model):
    """The mailbox of an excluded member, as a keyed digest: exclusions outlive accounts, to the close."""

    conference = models.ForeignKey("conferences.Conference", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    excluded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["conference", "digest"], name="excluded_mailbox_once")]

    def __str__(self) -> str:
        return self.digest
