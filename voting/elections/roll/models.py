from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable
from conferences.models import Membership, RosterEntry
from voting.elections.election.models import Election


class RollEntryQuerySet(models.QuerySet["RollEntry"]):
    def frozen(self) -> "RollEntryQuerySet":
        """Those that were on the roll when voting opened, whatever happened to them since."""
        return self.filter(kind=RollEntry.Kind.FROZEN)

    def current(self) -> "RollEntryQuerySet":
        return self.filter(removed_at=None)

    def unclaimed(self) -> "RollEntryQuerySet":
        """Those on the roll who may vote and have not joined."""
        return self.current().filter(membership=None)


class RollEntry(models.Model):
    """One voter of one election. Entries are added, or marked as removed, and never deleted."""

    class Kind(models.TextChoices):
        FROZEN = "frozen", _("On the list when voting opened")
        LATE = "late", _("Joined later, as the rules allow")
        ADDED = "added", _("Added by an organiser")

    election = models.ForeignKey(
        Election, models.PROTECT, related_name="roll_entries", verbose_name=_("election")
    )
    membership = models.OneToOneField(
        Membership, models.PROTECT, null=True, related_name="roll_entry", verbose_name=_("member")
    )
    # Where the roster says who votes; its owner may not have joined, so that there is no membership yet.
    roster_entry = models.OneToOneField(
        RosterEntry, models.SET_NULL, null=True, related_name="roll_entry", verbose_name=_("roster entry")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # What the leaf is computed from. Both are deleted with the account; the leaf stays.
    email = models.CharField(_("email address"), max_length=254, blank=True)
    salt = models.CharField(max_length=32, blank=True, editable=False)
    leaf = models.CharField(_("entry"), max_length=64, unique=True, editable=False)
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("removed"), null=True)

    objects = RollEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the list of voters")
        verbose_name_plural = _("list of voters")
        default_permissions = ()
        indexes = [
            models.Index(fields=["election", "kind"], name="roll_kind"),
            models.Index(fields=["election", "removed_at"], name="roll_removed"),
        ]

    def __str__(self) -> str:
        return self.leaf


class RollChange(models.Model):
    """What an organiser did to a frozen roll, and why. Never changed."""

    class Act(models.TextChoices):
        ADDED = "added", _("Added")
        REMOVED = "removed", _("Removed")

    entry = models.ForeignKey(
        RollEntry, models.PROTECT, related_name="changes", verbose_name=_("entry of the list of voters")
    )
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    reason = LongText(_("reason"), max_length=1000, validators=[validate_encodable])
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
        help_text=_("Empty if it was done on the server's command line."),
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("change to the list of voters")
        verbose_name_plural = _("changes to the list of voters")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.reason}"
