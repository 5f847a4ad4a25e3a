from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import LinkedAddress, User
from accounts.permissions import Viewer
from confbox.kit.email_addresses import EmailAddressField, normalise_email
from confbox.kit.mailbox_digests import mailbox_of
from confbox.kit.search import words_of
from confbox.kit.sorting import LastWords, in_order
from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_one_line
from conferences.series.models import in_managed_conferences


class RosterState(models.TextChoices):
    LISTED = "listed", _("listed")
    INVITED = "invited", _("invited")
    # Another entry leads to the same mailbox, so its owner is invited with that one.
    SHARED = "shared", _("same mailbox")
    JOINED = "joined", _("joined")
    REMOVED = "removed", _("removed")


REMOVED = Q(removed_at__isnull=False)
# Who left the conference again has not joined; the entry stays theirs.
JOINED = ~REMOVED & Q(membership__isnull=False, membership__left_at=None)
NOT_JOINED = ~REMOVED & (Q(membership=None) | Q(membership__left_at__isnull=False))


def _states() -> dict[RosterState, Q]:
    """Each entry is in one of these states."""
    waiting, is_shared = NOT_JOINED, _is_shared()
    return {
        RosterState.LISTED: waiting & ~is_shared & Q(invited_at=None),
        RosterState.INVITED: waiting & ~is_shared & Q(invited_at__isnull=False),
        RosterState.SHARED: waiting & is_shared,
        RosterState.JOINED: JOINED,
        RosterState.REMOVED: REMOVED,
    }


def _is_shared() -> Q:
    """Of an entry that no one has joined with: another one of its mailbox is a member's, or older.

    Two questions, because MariaDB would read every pair of entries for both in one. An entry whose member
    has left is theirs, so it is never the second one.
    """
    claimed = _others().filter(membership__isnull=False)
    older = _others().filter(pk__lt=OuterRef("pk"))
    return Q(membership=None) & (Q(Exists(claimed)) | Q(Exists(older)))


def _others() -> "models.QuerySet[RosterEntry]":
    # Not compared as it is: without current statistics, as after an import, MariaDB would find each entry's
    # others among all of the conference.
    conference = ExpressionWrapper(F("conference_id") + 0, output_field=models.BigIntegerField())
    others = RosterEntry.objects.filter(inbox=OuterRef("inbox"), removed_at=None)
    return others.alias(in_conference=conference).filter(in_conference=OuterRef("conference_id"))


class RosterEntryQuerySet(models.QuerySet["RosterEntry"]):
    def get_by_natural_key(self, slug: str, email: str) -> "RosterEntry":
        return self.get(conference__slug=slug, mailbox=normalise_email(email))

    def managed_by(
        self, user: Viewer, permission: str = "conferences.view_rosterentry"
    ) -> "RosterEntryQuerySet":
        """The entries of those conferences in which this person has the permission."""
        return in_managed_conferences(self, user, permission, to_conference="conference")

    def in_state(self, state: str) -> "RosterEntryQuerySet":
        return self.filter(_states()[RosterState(state)])

    def listed(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.LISTED)

    def invited(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.INVITED)

    def shared(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.SHARED)

    def joined(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.JOINED)

    def not_joined(self) -> "RosterEntryQuerySet":
        """Those that are listed or invited: one for each mailbox."""
        return self.filter(NOT_JOINED & ~_is_shared())

    def removed(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.REMOVED)

    def present(self) -> "RosterEntryQuerySet":
        """All who belong to the conference now: those that are not removed."""
        return self.exclude(REMOVED)

    def for_person(self, user: User) -> "tuple[RosterEntryQuerySet, ...]":
        """Entries with which this person has joined, or could by any address that they have confirmed.

        Each way is a query that an index answers; joined by OR, the database would read the whole roster.
        """
        confirmed = EmailAddress.objects.filter(user=user, verified=True).values("email")
        linked = LinkedAddress.objects.filter(user=user).values("email")
        present = self.present()
        free = present.filter(membership=None)
        # Who left keeps the entry.
        own = present.filter(membership__user=user)
        return free.filter(mailbox__in=confirmed), free.filter(mailbox__in=linked), own

    def counts(self) -> dict[str, int]:
        """How many entries are in each state, by one query."""
        counted = {str(state.value): Count("pk", filter=found) for state, found in _states().items()}
        return dict(self.aggregate(**counted))

    def with_same_mailbox(self) -> "RosterEntryQuerySet":
        """With the entry of the same mailbox that is ahead, for a page of entries by one query."""
        ahead = _others().filter(Q(membership__isnull=False) | Q(pk__lt=OuterRef("pk")))
        ahead = ahead.order_by(F("membership").desc(nulls_last=True), "pk")
        return self.annotate(ahead=Subquery(ahead.values("email")[:1]))

    def search(self, words: str) -> "RosterEntryQuerySet":
        """Entries whose name, email address and reference together have every word."""
        found = self
        for word in words_of(words):
            of_person = Q(name__folded=word) | Q(email__folded=word) | Q(mailbox__folded=word)
            found = found.filter(of_person | Q(reference__folded=word))
        return found


class InboxField(EmailAddressField):
    """The mailbox behind the entry's address, filled whenever an entry is stored."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        inbox = mailbox_of(model_instance.mailbox)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, inbox)
        return inbox


class RosterEntry(models.Model):
    """An email address that belongs to a conference: one row for each, also after it was removed.

    `mailbox` identifies it and is where its emails go; `email` is the same address as it was given. Several
    entries can lead to one `inbox`, because plus tags, and dots at Google, make another address only.
    """

    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, related_name="roster", verbose_name=_("conference")
    )
    email = models.CharField(_("email address"), max_length=254)
    mailbox = EmailAddressField(_("mailbox"), editable=False)
    inbox = InboxField(max_length=254, default="", editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_one_line])
    # The name in alphabetical order, and from its last word on.
    sort_name = in_order(F("name"))
    from_last_word = in_order(LastWords(F("name"), 1))
    reference = models.CharField(
        _("reference"),
        max_length=100,
        blank=True,
        validators=[validate_one_line],
        help_text=_("For example, a ticket number or a membership number."),
    )
    listed_at = models.DateTimeField(_("listed"), default=timezone.now)
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removal_reason = LongText(_("reason for the removal"), blank=True, max_length=1000)
    membership = models.OneToOneField(
        "conferences.Membership",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="roster_entry",
        verbose_name=_("member"),
        help_text=_("The member who has joined with this email address."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    # What apps above this one have to say about it, on a page that lists it.
    note: str = ""

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("roster entries")
        ordering = ["mailbox"]
        default_permissions = ("change", "view")
        constraints = [
            models.UniqueConstraint(fields=["conference", "mailbox"], name="roster_entry_once_per_mailbox"),
            # A fixture is stored as it is; without this, all its entries would seem to share a mailbox.
            models.CheckConstraint(condition=~Q(inbox=""), name="roster_entry_inbox_is_filled"),
        ]
        indexes = [
            models.Index(fields=["inbox"], name="roster_entry_inbox"),
            models.Index(fields=["conference", "sort_name"], name="roster_entry_sort_name"),
            models.Index(fields=["conference", "from_last_word"], name="roster_entry_last_word"),
            models.Index(fields=["conference", "reference"], name="roster_entry_reference"),
        ]

    def __str__(self) -> str:
        return self.email

    def natural_key(self) -> tuple[str, str]:
        return (self.conference.slug, self.mailbox)

    natural_key.dependencies = ["conferences.conference", "conferences.membership"]  # type: ignore[attr-defined]

    @property
    def has_joined(self) -> bool:
        return self.membership is not None and self.membership.left_at is None

    @property
    def same_mailbox(self) -> str:
        """The address of the entry with which the owner of this mailbox is invited, if it is not this one."""
        if not self.can_be_invited or self.membership_id:
            return ""
        if "ahead" not in self.__dict__:
            found = RosterEntry.objects.filter(pk=self.pk).with_same_mailbox().first()
            self.__dict__["ahead"] = found.__dict__["ahead"] if found else None
        return self.__dict__["ahead"] or ""

    @property
    def state(self) -> RosterState:
        if self.removed_at:
            return RosterState.REMOVED
        if self.has_joined:
            return RosterState.JOINED
        if self.same_mailbox:
            return RosterState.SHARED
        return RosterState.INVITED if self.invited_at else RosterState.LISTED

    @property
    def joined_at(self) -> Any:
        return self.membership.joined_at if self.membership is not None and self.has_joined else None

    @property
    def can_be_invited(self) -> bool:
        return self.removed_at is None and not self.has_joined

    @property
    def in_state_since(self) -> Any:
        return self.removed_at or self.joined_at or self.invited_at or self.listed_at
