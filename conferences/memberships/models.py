from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import LinkedAddress, User
from confbox.kit.email_addresses import EmailAddressField, normalise_email
from confbox.kit.search import words_of
from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_one_line

IS_LISTED = Q(is_listed=True) | Q(is_listed=None, conference__members_are_listed=True)
# Who stands for election is shown to the other members, and so is the speaker.
HAS_PITCH = Q(pitch__isnull=False)
STANDS = HAS_PITCH & Q(accepts_votes=True, excluded_at=None)
IS_SPEAKER = Q(speaks_at__isnull=False)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def get_by_natural_key(self, slug: str, email: str) -> "Membership":
        return self.get(conference__slug=slug, user__email=email)

    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def of_active_people(self) -> "MembershipQuerySet":
        return self.current().filter(user__is_active=True)

    def candidates(self) -> "MembershipQuerySet":
        """Members who can be voted for: those who are listed, and others if they have a pitch."""
        found = self.of_active_people().filter(IS_LISTED | HAS_PITCH)
        return found.filter(accepts_votes=True, excluded_at=None)

    def shown(self) -> "MembershipQuerySet":
        """Members whom other members may see."""
        return self.filter(IS_LISTED | STANDS | IS_SPEAKER)

    def listed_for(self, viewer: "Membership") -> "MembershipQuerySet":
        """The current members of the viewer's conference whom the viewer may see, who are one of them."""
        others = self.of_active_people().filter(conference=viewer.conference_id)
        return others.filter(IS_LISTED | STANDS | IS_SPEAKER | Q(pk=viewer.pk))

    def search(self, words: str) -> "MembershipQuerySet":
        """Members whose name or visible profession contains every word; private data is never searched."""
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
    # Whether the other members see this one in their list; null: as the conference has it.
    is_listed = models.BooleanField(_("shown to other members"), null=True, blank=True)
    excluded_at = models.DateTimeField(_("excluded from the vote"), null=True, blank=True)
    exclusion_reason = LongText(_("reason for the exclusion"), blank=True, max_length=2000)

    as_of: datetime | None = None

    # Digest of the mailbox with which the member joined, if each mailbox may join only once. Null: unknown,
    # or left.
    mailbox = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["pk"]
        indexes = [models.Index(fields=["conference", "left_at"], name="membership_current")]
        constraints = [
            models.UniqueConstraint(fields=["conference", "user"], name="membership_once_per_person"),
            # A unique column allows any number of nulls, so members who left do not block others.
            models.UniqueConstraint(fields=["conference", "mailbox"], name="membership_once_per_mailbox"),
        ]
        permissions = [("exclude_membership", "Can exclude members from a vote")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def wants_to_be_listed(self) -> bool:
        """By their own choice or by the default of the conference."""
        return self.conference.members_are_listed if self.is_listed is None else self.is_listed

    @property
    def has_pitch(self) -> bool:
        return getattr(self, "pitch", None) is not None

    @property
    def stands(self) -> bool:
        """Whether they are a candidate by their pitch, and so shown to the other members in any case."""
        return self.accepts_votes and self.excluded_at is None and self.has_pitch

    @property
    def can_be_voted_for(self) -> bool:
        return (
            self.left_at is None
            and self.excluded_at is None
            and self.accepts_votes
            and bool(self.user.is_active)
            and (self.wants_to_be_listed or self.has_pitch)
        )

    def natural_key(self) -> tuple[str, str]:
        return (self.conference.slug, self.user.email)

    def get_absolute_url(self) -> str:
        return reverse("member", args=[self.conference.slug, self.pk])


class ExcludedMailbox(models.Model):
    """The mailbox of an excluded member, as a keyed digest that outlives the account until voting closes."""

    conference = models.ForeignKey("conferences.Conference", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    excluded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["conference", "digest"], name="excluded_mailbox_once")]

    def __str__(self) -> str:
        return self.digest


class RosterState(models.TextChoices):
    LISTED = "listed", _("listed")
    INVITED = "invited", _("invited")
    JOINED = "joined", _("joined")
    REMOVED = "removed", _("removed")


REMOVED = Q(removed_at__isnull=False)
# Who left the conference again has not joined; the entry stays theirs.
JOINED = ~REMOVED & Q(membership__isnull=False, membership__left_at=None)
NOT_JOINED = ~REMOVED & (Q(membership=None) | Q(membership__left_at__isnull=False))
# Each entry is in one of these states.
STATES = {
    RosterState.LISTED: NOT_JOINED & Q(invited_at=None),
    RosterState.INVITED: NOT_JOINED & Q(invited_at__isnull=False),
    RosterState.JOINED: JOINED,
    RosterState.REMOVED: REMOVED,
}


class RosterEntryQuerySet(models.QuerySet["RosterEntry"]):
    def get_by_natural_key(self, slug: str, email: str) -> "RosterEntry":
        return self.get(conference__slug=slug, mailbox=normalise_email(email))

    def in_state(self, state: str) -> "RosterEntryQuerySet":
        return self.filter(STATES[RosterState(state)])

    def listed(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.LISTED)

    def invited(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.INVITED)

    def joined(self) -> "RosterEntryQuerySet":
        return self.in_state(RosterState.JOINED)

    def not_joined(self) -> "RosterEntryQuerySet":
        """Those that are listed or invited."""
        return self.filter(NOT_JOINED)

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
        counted = {str(state.value): Count("pk", filter=condition) for state, condition in STATES.items()}
        return dict(self.aggregate(**counted))

    def search(self, words: str) -> "RosterEntryQuerySet":
        """Entries whose name, email address and reference together have every word."""
        found = self
        for word in words_of(words):
            of_person = Q(name__folded=word) | Q(email__folded=word) | Q(mailbox__folded=word)
            found = found.filter(of_person | Q(reference__folded=word))
        return found


class RosterEntry(models.Model):
    """An email address that belongs to a conference: one row for each mailbox, also after it was removed.

    `mailbox` identifies it and is where its emails go; `email` is the same address as it was given. Plus
    tags and dots make another mailbox.
    """

    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, related_name="roster", verbose_name=_("conference")
    )
    email = models.CharField(_("email address"), max_length=254)
    mailbox = EmailAddressField(_("mailbox"), editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_one_line])
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
        verbose_name=_("membership"),
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
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conference", "mailbox"], name="roster_entry_once_per_mailbox")
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
    def state(self) -> RosterState:
        if self.removed_at:
            return RosterState.REMOVED
        if self.has_joined:
            return RosterState.JOINED
        return RosterState.INVITED if self.invited_at else RosterState.LISTED

    @property
    def joined_at(self) -> Any:
        return self.membership.joined_at if self.membership is not None and self.has_joined else None

    @property
    def can_be_invited(self) -> bool:
        return self.state in (RosterState.LISTED, RosterState.INVITED)

    @property
    def in_state_since(self) -> Any:
        return self.removed_at or self.joined_at or self.invited_at or self.listed_at
