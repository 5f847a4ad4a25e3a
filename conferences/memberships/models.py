from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.hidden_profiles import HiddenProfile
from accounts.models import User
from accounts.permissions import Viewer
from confbox.kit.search import words_of
from confbox.kit.text_fields import LongText
from conferences.series.models import in_managed_conferences

IS_LISTED = Q(is_listed=True) | Q(is_listed=None, conference__members_are_listed=True)
# Who stands for election is shown to the other members, and so is the speaker.
HAS_PITCH = Q(pitch__isnull=False)
STANDS = HAS_PITCH & Q(accepts_votes=True, excluded_at=None, pitch_hidden_at=None)
IS_SPEAKER = Q(speaks_at__isnull=False)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def get_by_natural_key(self, slug: str, email: str) -> "Membership":
        return self.get(conference__slug=slug, user__email=email)

    def managed_by(
        self, user: Viewer, permission: str = "conferences.view_membership"
    ) -> "MembershipQuerySet":
        """The members of those conferences in which this person has the permission."""
        return in_managed_conferences(self, user, permission, to_conference="conference")

    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def of_active_people(self) -> "MembershipQuerySet":
        return self.current().filter(user__is_active=True)

    def candidates(self) -> "MembershipQuerySet":
        """Members who can be voted for: those who are listed or have a pitch, unless it has been hidden."""
        found = self.of_active_people().filter(IS_LISTED | HAS_PITCH)
        return found.filter(accepts_votes=True, excluded_at=None, pitch_hidden_at=None)

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
            shown = Q(user__profession__folded=word, user__shows_profession=True, profile_hidden_at=None)
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
    # With which they joined; null if another rule admitted them.
    join_code = models.ForeignKey(
        "conferences.JoinCode",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="memberships",
        verbose_name=_("join code"),
    )
    excluded_at = models.DateTimeField(_("excluded from the vote"), null=True, blank=True)
    exclusion_reason = LongText(_("reason for the exclusion"), blank=True, max_length=2000)
    # Not on the pitch: a vote locks this row, and so sees whether its candidate has just been hidden.
    pitch_hidden_at = models.DateTimeField(_("pitch hidden"), null=True, blank=True, editable=False)
    pitch_hidden_reason = LongText(
        _("reason for hiding the pitch"), blank=True, max_length=2000, editable=False
    )
    # When its author asked for it to be shown again; null once that is answered.
    showing_asked_at = models.DateTimeField(_("asked to show it"), null=True, blank=True, editable=False)
    profile_hidden_at = models.DateTimeField(_("profile hidden"), null=True, blank=True, editable=False)
    profile_hidden_reason = LongText(
        _("reason for hiding the profile"), blank=True, max_length=2000, editable=False
    )

    as_of: datetime | None = None

    # Digest of the mailbox with which the member joined, if each mailbox may join only once. Null: unknown,
    # or left.
    mailbox = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["conference", "left_at"], name="membership_current"),
            models.Index(fields=["conference", "excluded_at"], name="membership_excluded"),
            models.Index(fields=["showing_asked_at"], name="membership_asked"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["conference", "user"], name="membership_once_per_person"),
            # A unique column allows any number of nulls, so members who left do not block others.
            models.UniqueConstraint(fields=["conference", "mailbox"], name="membership_once_per_mailbox"),
        ]
        permissions = [
            ("admit_membership", "Can let people in: requests to join and join codes"),
            ("exclude_membership", "Can exclude members from a vote"),
            ("moderate_membership", "Can hide pitches and profiles, and answer reports"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def reads_only(self) -> bool:
        """Whether it is for a person of the team who has not joined: it is not stored, and does nothing."""
        return self.pk is None

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
        return self.accepts_votes and self.excluded_at is None and self.has_pitch and not self.is_pitch_hidden

    @property
    def profile(self) -> "User | HiddenProfile":
        """What members see of the person in this conference."""
        return HiddenProfile(str(self.user)) if self.profile_hidden_at else self.user

    @property
    def is_pitch_hidden(self) -> bool:
        """Whether organisers have hidden the pitch, so that no one can vote for this member."""
        return self.pitch_hidden_at is not None

    @property
    def is_hidden(self) -> bool:
        """Whether the other members do not see this one."""
        is_speaker = self.conference.election.speaker_id == self.pk
        return not (self.wants_to_be_listed or is_speaker or self.stands)

    @property
    def can_be_voted_for(self) -> bool:
        return (
            self.left_at is None
            and self.excluded_at is None
            and self.accepts_votes
            and not self.is_pitch_hidden
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
