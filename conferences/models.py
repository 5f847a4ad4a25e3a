from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from confbox.kit.clock import DatabaseNow
from confbox.kit.local_time import is_first_minute, is_last_minute
from confbox.kit.search import words_of
from confbox.kit.text_fields import MarkdownText
from confbox.kit.validators import validate_encodable, validate_one_line
from conferences.memberships.models import ExcludedMailbox as ExcludedMailbox
from conferences.memberships.models import Membership as Membership
from conferences.memberships.models import MembershipQuerySet as MembershipQuerySet


@cache
def time_zones() -> frozenset[str]:
    """Every zone's name; reading them from the disk each time takes too long."""
    return frozenset(available_timezones())


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Example: Europe/Berlin."), params={"name": name}
        )


class VotingState(models.TextChoices):
    UNSCHEDULED = "unscheduled", _("Voting not scheduled")
    SCHEDULED = "scheduled", _("Voting opens soon")
    OPEN = "open", _("Voting open")
    CLOSED = "closed", _("Voting closed")
    DECIDED = "decided", _("Speaker chosen")


class ConferenceQuerySet(models.QuerySet["Conference"]):
    def as_of_now(self) -> "ConferenceQuerySet":
        """Each with the database's clock, by which its voting is then open or closed."""
        return self.annotate(as_of=DatabaseNow())  # type: ignore[no-redef]

    def get_by_natural_key(self, slug: str) -> "Conference":
        return self.get(slug=slug)

    def active(self) -> "ConferenceQuerySet":
        return self.filter(status=Conference.Status.ACTIVE)

    def visible_to(self, user: User | AnonymousUser) -> "ConferenceQuerySet":
        """Active conferences, and inactive ones that this person joined. Drafts never."""
        if not user.is_authenticated:
            return self.active()
        mine = Membership.objects.current().filter(user=user).values("conference")
        return self.filter(
            Q(status=Conference.Status.ACTIVE) | Q(status=Conference.Status.INACTIVE, pk__in=mine)
        )

    def joined_by(self, user: User) -> "ConferenceQuerySet":
        return self.filter(memberships__user=user, memberships__left_at=None)

    def upcoming(self, now: datetime | DatabaseNow) -> "ConferenceQuerySet":
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def past(self, now: datetime | DatabaseNow) -> "ConferenceQuerySet":
        return self.filter(ends_at__lte=now).order_by("-starts_at", "-pk")

    def search(self, words: str) -> "ConferenceQuerySet":
        """Conferences whose title, place or agenda together have every word."""
        found = self
        for word in words_of(words):
            found = found.filter(Q(title__folded=word) | Q(place__folded=word) | Q(agenda__folded=word))
        return found


class Conference(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")

    class ResultsVisibility(models.TextChoices):
        AFTER_DECISION = "after_decision", _("After the decision")
        AFTER_CLOSE = "after_close", _("After voting closes")
        LIVE = "live", _("Live, while voting is open")

    class OrganisersSeeTally(models.TextChoices):
        AFTER_CLOSE = "after_close", _("After voting closes; until then how many have voted")
        LIVE = "live", _("Live, while voting is open")

    class LateJoiners(models.TextChoices):
        MAY_VOTE = "may_vote", _("May vote")
        MAY_NOT_VOTE = "may_not_vote", _("May not vote")

    class Ties(models.TextChoices):
        ANY_MEMBER = "any_member", _("The organisers choose any member and give a reason")
        TIED_ONLY = "tied_only", _("The organisers choose one of the tied members and give a reason")

    title = models.CharField(_("title"), max_length=200, validators=[validate_one_line])
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    agenda = MarkdownText(
        _("agenda"),
        blank=True,
        max_length=50_000,
        validators=[validate_encodable],
        help_text=_("What the conference is about. You can use Markdown."),
    )
    topic = models.CharField(_("topic"), max_length=50, blank=True, validators=[validate_one_line])
    place = models.CharField(
        _("place"),
        max_length=200,
        blank=True,
        validators=[validate_one_line],
        help_text=_("City and country, or “Online”."),
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_(
            "All times of this conference are entered and shown in this zone. Example: Europe/Berlin."
        ),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    voting_opens_at = models.DateTimeField(_("voting opens"), null=True, blank=True)
    voting_closes_at = models.DateTimeField(_("voting closes"), null=True, blank=True)
    results_visibility = models.CharField(
        _("members see results"),
        max_length=20,
        choices=ResultsVisibility.choices,
        default=ResultsVisibility.AFTER_DECISION,
    )
    organisers_see_tally = models.CharField(
        _("organisers see votes per candidate"),
        max_length=20,
        choices=OrganisersSeeTally.choices,
        default=OrganisersSeeTally.AFTER_CLOSE,
    )
    publishes_participants = models.BooleanField(
        _("publish who voted"),
        default=False,
        help_text=_("With the result, members see the names of those who voted, never their choices."),
    )
    late_joiners = models.CharField(
        _("members who join after voting opened"),
        max_length=20,
        choices=LateJoiners.choices,
        default=LateJoiners.MAY_VOTE,
    )
    ties = models.CharField(
        _("if members share the lead"), max_length=20, choices=Ties.choices, default=Ties.ANY_MEMBER
    )
    window_needs_consent = models.BooleanField(
        _("a second organiser confirms every change of the deadline"),
        default=False,
        help_text=_("While voting is open, nobody moves the deadline or closes voting early alone."),
    )
    # Voting cannot open before an organiser has set the rules above.
    rules_set_at = models.DateTimeField(_("rules set"), null=True, blank=True, editable=False)
    speaker = models.ForeignKey(
        "conferences.Membership",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="speaks_at",
        verbose_name=_("speaker"),
    )
    campaigns_per_candidate = models.PositiveSmallIntegerField(
        _("campaigns per candidate"),
        default=3,
        help_text=_("How many campaign mails one member may have sent. 0 allows none."),
    )
    campaign_gap_hours = models.PositiveSmallIntegerField(
        _("hours between campaigns"),
        default=24,
        help_text=_("How long a member waits after one campaign before asking for the next."),
    )
    reminder_limit = models.PositiveSmallIntegerField(
        _("reminders to vote"),
        default=1,
        help_text=_("How many reminder mails may go to members who have not voted."),
    )
    # Set while a decision stands; the speaker is named here only once they accepted it.
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    one_account_per_mailbox = models.BooleanField(
        _("one account per mailbox"),
        default=True,
        help_text=_(
            "Addresses that lead to one mailbox, such as ada+one@example.org and ada+two@example.org, "
            "can be a member once. Fixed once voting has opened."
        ),
    )
    # Set once the rules of an open vote hid a tally that was live: what was seen of it stays known.
    tally_was_live = models.BooleanField(default=False, editable=False)
    # Set once the window of the open vote was changed; what and why is told by `voting.WindowChange`.
    window_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    # The database's clock when the row was read, for questions on which a vote depends.
    as_of: datetime | None = None

    objects = ConferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("conference")
        verbose_name_plural = _("conferences")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["status", "starts_at"], name="conference_status_start")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="conference_ends_after_start",
                violation_error_message=_("A conference cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(voting_opens_at=None, voting_closes_at=None)
                | Q(voting_opens_at__isnull=False, voting_closes_at__gte=F("voting_opens_at")),
                name="conference_voting_closes_after_opening",
                violation_error_message=_("Voting needs both an opening and a later close."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("conference", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_all_day(self) -> bool:
        """Whether only days are known: from midnight to midnight in the conference's zone."""
        return is_first_minute(self.starts_at, self.zone) and is_last_minute(self.ends_at, self.zone)

    @property
    def now(self) -> datetime:
        return self.as_of or timezone.now()

    def is_over(self, now: datetime | None = None) -> bool:
        return self.ends_at <= (now or self.now)

    def is_joinable(self, now: datetime | None = None) -> bool:
        return self.status == self.Status.ACTIVE and not self.is_over(now)

    def voting_state(self, now: datetime | None = None) -> VotingState:
        now = now or self.now
        if self.speaker_id:
            return VotingState.DECIDED
        if self.decided_at:
            return VotingState.CLOSED
        if self.voting_opens_at is None or self.voting_closes_at is None:
            return VotingState.UNSCHEDULED
        if self.rules_set_at is None:
            return VotingState.UNSCHEDULED
        if now < self.voting_opens_at:
            return VotingState.SCHEDULED
        return VotingState.OPEN if now < self.voting_closes_at else VotingState.CLOSED

    def is_voting_over(self) -> bool:
        """Whether there was a vote, and it has closed."""
        return bool(self.rules_set_at and self.voting_closes_at and self.voting_closes_at <= self.now)

    def is_voting_open(self, now: datetime | None = None) -> bool:
        return self.status == self.Status.ACTIVE and self.voting_state(now) == VotingState.OPEN
