from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.clock import DatabaseNow
from confbox.kit.email_addresses import EmailAddressField
from confbox.kit.local_time import is_first_minute, is_last_minute
from confbox.kit.text_fields import LongText, MarkdownText
from confbox.kit.validators import validate_encodable, validate_one_line, validate_time_zone
from conferences.api_access.models import ApiToken as ApiToken
from conferences.health.models import EmailTest as EmailTest
from conferences.history.models import LONGEST_REASON, validate_not_old
from conferences.history.models import ConferenceChange as ConferenceChange
from conferences.history.models import OldAddress as OldAddress
from conferences.history.models import OldEntry as OldEntry
from conferences.history.models import OldMembership as OldMembership
from conferences.listing.models import ListedQuerySet
from conferences.memberships.admission.models import Admission as Admission
from conferences.memberships.admission.models import JoinCode as JoinCode
from conferences.memberships.admission.models import JoinRequest as JoinRequest
from conferences.memberships.models import ExcludedMailbox as ExcludedMailbox
from conferences.memberships.models import Membership as Membership
from conferences.memberships.models import MembershipQuerySet as MembershipQuerySet
from conferences.memberships.roster.models import RosterEntry as RosterEntry
from conferences.memberships.roster.models import RosterState as RosterState
from conferences.outbox.models import WebhookEndpoint as WebhookEndpoint
from conferences.series.consent.models import ConsentRequest as ConsentRequest
from conferences.series.models import Series as Series
from conferences.series.models import TeamInvitation as TeamInvitation
from conferences.series.models import TeamMember as TeamMember
from conferences.series.models import roles_of as roles_of
from conferences.series.roles.models import Role as Role


class ConferenceQuerySet(ListedQuerySet["Conference"]):
    def as_of_now(self) -> "ConferenceQuerySet":
        """Annotates each with the database's clock, which decides whether its voting is open."""
        return self.annotate(as_of=DatabaseNow())  # type: ignore[no-redef]

    def get_by_natural_key(self, slug: str) -> "Conference":
        return self.get(slug=slug)

    def visible_to(self, user: User | AnonymousUser) -> "ConferenceQuerySet":
        """Conferences whose page this person may open; for others they do not exist. Never drafts.

        Besides its members, who is on the roster or runs a conference opens one for members only. An
        inactive one is left to its members, and a rehearsal to who runs it.
        """
        is_published = Q(status__in=Conference.PUBLISHED)
        is_real = Q(rehearses=None)
        anyone = is_published & ~Q(visibility=Conference.Visibility.MEMBERS_ONLY)
        if not isinstance(user, User):
            return self.filter(anyone, is_real)
        if has_site_permission(user, "conferences.view_conference"):
            return self.filter(is_published | self._joined(user))
        runs = self._run_by(user, "conferences.view_conference")
        known = anyone | self._joined(user) | is_published & (self._on_roster(user) | runs)
        return self.filter(known, is_real | runs)

    def listed_for(self, user: User | AnonymousUser) -> "ConferenceQuerySet":
        """Conferences that this person finds in lists: public ones, those they joined, and cancelled ones."""
        found = Q(visibility=Conference.Visibility.PUBLIC)
        if isinstance(user, User):
            found |= self._joined(user)
        return self.real().filter(found, status__in=Conference.PUBLISHED)

    @staticmethod
    def _joined(user: User) -> Q:
        mine = Membership.objects.current().filter(user=user, conference=OuterRef("pk"))
        return ~Q(status=Conference.Status.DRAFT) & Q(Exists(mine))

    @staticmethod
    def _on_roster(user: User) -> Q:
        entries = RosterEntry.objects.filter(conference=OuterRef("pk"))
        return reduce(or_, (Q(Exists(way)) for way in entries.for_person(user)))

    def offered_by_roster(self, user: User) -> "ConferenceQuerySet":
        """Active conferences on whose roster this person is, and that they have not joined."""
        offered = self.real().filter(self._on_roster(user), ~self._joined(user))
        return offered.filter(status=Conference.Status.ACTIVE)

    def lacking(self, name: str, among: Collection["Conference"]) -> "ConferenceQuerySet":
        """Those of these that have no such one-to-one row yet, by slug: inserts in bulk may return no IDs."""
        return self.filter(slug__in=[conference.slug for conference in among], **{name: None})

    def managed_by(
        self, user: Viewer, permission: str = "conferences.view_conference"
    ) -> "ConferenceQuerySet":
        """The conferences in which this person has the permission; for others they do not exist."""
        if has_site_permission(user, permission):
            return self
        return self.filter(self._run_by(user, permission))

    @staticmethod
    def _run_by(user: Viewer, permission: str) -> Q:
        roles = roles_of(user)
        return Q(pk__in=roles.conferences_with(permission)) | Q(series__in=roles.series_with(permission))

    def joined_by(self, user: User) -> "ConferenceQuerySet":
        return self.filter(memberships__user=user, memberships__left_at=None)


class Conference(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Published")
        INACTIVE = "inactive", _("Inactive")
        CANCELLED = "cancelled", _("Cancelled")

    # Everyone whom it is for can read its page; that does not depend on whether it takes place.
    PUBLISHED = (Status.ACTIVE, Status.CANCELLED)

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted")
        MEMBERS_ONLY = "members_only", _("Members only")

    title = models.CharField(_("title"), max_length=200, validators=[validate_one_line])
    slug = models.SlugField(_("web address"), max_length=120, unique=True, validators=[validate_not_old])
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
    contact_name = models.CharField(
        _("organiser's name"), max_length=150, blank=True, validators=[validate_one_line]
    )
    contact_email = EmailAddressField(_("organiser's email address"), blank=True)
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
    # Whether they were entered: a draft has dates far ahead until then.
    has_dates = models.BooleanField(default=True, editable=False)
    # When it was to start before it was moved.
    previous_starts_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since when it is cancelled or off the site, and why; without a time, why it takes place after all.
    # Members read the reason.
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    stop_reason = LongText(max_length=LONGEST_REASON, blank=True, default="", editable=False)
    visibility = models.CharField(
        _("visibility"),
        max_length=12,
        choices=Visibility.choices,
        default=Visibility.PUBLIC,
        help_text=_(
            "Public: in the list, in search and in the feed. Unlisted: only people with the link find it, so "
            "give it a web address that is hard to guess. Members only: for everyone else it does not exist; "
            "people can join it with an invitation or a join code, or if they are on the roster."
        ),
    )
    members_are_listed = models.BooleanField(
        _("members see each other"),
        default=True,
        help_text=_(
            "If this is on, the list of members shows everyone who has not chosen otherwise; if it is off, "
            "only those who chose to be on it. Candidates with a pitch are always shown. This cannot be "
            "changed while voting is open. If you turn it on later, members who joined before stay hidden "
            "until they choose to be listed."
        ),
    )
    one_account_per_mailbox = models.BooleanField(
        _("one account per mailbox"),
        default=True,
        help_text=_(
            "Email addresses that lead to the same mailbox, such as ada+one@example.org and "
            "ada+two@example.org, can join only once. This cannot be changed after voting has opened."
        ),
    )
    series = models.ForeignKey(
        Series,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="conferences",
        verbose_name=_("series"),
        help_text=_("Whose team runs this conference."),
    )
    # The conference of which this one is a rehearsal.
    rehearses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="rehearsal"
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
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    # The database's clock when the row was read, for questions on which a vote depends.
    as_of: datetime | None = None
    # Whether it is shown as it will be once it is published, so that reading it stores nothing.
    is_preview = False

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
                condition=~Q(status="cancelled") | Q(stopped_at__isnull=False),
                name="conference_cancelled_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(has_dates=True), name="conference_published_with_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["conferences.series"]  # type: ignore[attr-defined]

    def get_absolute_url(self) -> str:
        return reverse("conference", args=[self.slug])

    @property
    def is_public(self) -> bool:
        """Whether anyone finds it, so that other sites may show a preview of it."""
        is_listed = self.visibility == self.Visibility.PUBLIC and not self.is_rehearsal
        return self.status in self.PUBLISHED and is_listed

    @property
    def is_rehearsal(self) -> bool:
        return self.rehearses_id is not None

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

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

    @property
    def changed_at(self) -> datetime:
        """When the conference or its election was last changed."""
        return max(self.updated_at, self.election.updated_at)

    def is_over(self, now: datetime | None = None) -> bool:
        return self.ends_at <= (now or self.now)

    def is_joinable(self, now: datetime | None = None) -> bool:
        return self.status == self.Status.ACTIVE and not self.is_over(now) and not self.is_rehearsal
