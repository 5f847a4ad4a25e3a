from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable

LONGEST_REASON = 300


class ConferenceChange(models.Model):
    """What organisers did to a published conference, and why; its members are notified.

    Never changed, except for a reason that is corrected.
    """

    class Act(models.TextChoices):
        CANCELLED = "cancelled", _("Cancelled")
        REINSTATED = "reinstated", _("Takes place after all")
        MOVED = "moved", _("Moved")
        UNPUBLISHED = "unpublished", _("Taken off the site")
        REPUBLISHED = "republished", _("Back on the site")
        MERGED = "merged", _("Merged with a duplicate")

    conference = models.ForeignKey(
        "conferences.Conference", models.PROTECT, related_name="changes", verbose_name=_("conference")
    )
    act = models.CharField(_("what"), max_length=12, choices=Act.choices)
    # Empty if it is back on the site or was merged with a duplicate.
    reason = LongText(_("reason"), blank=True, max_length=LONGEST_REASON, validators=[validate_encodable])
    # Of a move: when and where it was to take place, and now does, as `conferences.changes.dates` has them.
    # Of a merge: title, web address and ID of the duplicate; the IDs of members who had left and are back.
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

    @classmethod
    def of_merge(cls, duplicate_id: int, stays: Any) -> "ConferenceChange | None":
        """What was done, if this duplicate has been merged into one of these conferences."""
        merges = cls.objects.filter(conference__in=stays, act=cls.Act.MERGED)
        return merges.filter(before__id=duplicate_id).select_related("conference").first()


class OldAddress(models.Model):
    """The web address of a conference that was merged into another one: it leads there since."""

    slug = models.SlugField(_("web address"), max_length=120, unique=True)
    conference = models.ForeignKey(
        "conferences.Conference",
        models.CASCADE,
        related_name="old_addresses",
        verbose_name=_("conference"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("old web address")
        verbose_name_plural = _("old web addresses")
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class OldRow(models.Model):
    """By the ID of a row of a merged duplicate: that to which links in emails lead now."""

    id = models.BigIntegerField(primary_key=True)

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class OldEntry(OldRow):
    """Of a roster entry, the entry of the same mailbox."""

    entry = models.ForeignKey("conferences.RosterEntry", models.CASCADE, related_name="old_entries")


class OldMembership(OldRow):
    """Of a person who was a member of both."""

    membership = models.ForeignKey("conferences.Membership", models.CASCADE, related_name="old_memberships")


def validate_not_old(slug: str) -> None:
    """Links to the conference that had this web address would lead to another one."""
    if OldAddress.objects.filter(slug__iexact=slug).exists():
        raise ValidationError(
            gettext(
                "This was the web address of a conference that has been merged into another one, and it "
                "leads there. Please choose another."
            ),
            code="old_address",
        )


def refuse_old_addresses(slugs: Iterable[str]) -> None:
    """Keeps what a merge has taken since it was validated, as a unique index of both tables would.

    Called in the same transaction, after the conferences with these were stored: by then, a merge that
    deletes the one that had it is committed, or has not begun.

    Raises:
        IntegrityError: one of them leads to another conference.
    """
    if OldAddress.objects.select_for_update().filter(slug__in=[*slugs]).exists():
        raise IntegrityError("This web address leads to the conference into which another was merged.")
