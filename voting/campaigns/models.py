from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Viewer
from confbox.kit.clock import DatabaseNow
from confbox.kit.email_headers import sender_domain
from confbox.kit.text_fields import LongText, MarkdownText
from confbox.kit.validators import validate_encodable, validate_one_line
from conferences.models import Conference, ConferenceChange, Membership, RosterEntry
from conferences.series.models import in_managed_conferences
from voting.elections.models import Decision, WindowChange

INVITES = ("send_invitation", "Can review and send the emails to a roster")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def managed_by(self, user: Viewer, permission: str = "voting.view_campaign") -> "CampaignQuerySet":
        return in_managed_conferences(self, user, permission, to_conference="conference")

    def waiting(self) -> "CampaignQuerySet":
        """Requests that no organiser has decided yet, oldest first."""
        return self.filter(status=Campaign.Status.REQUESTED).order_by("requested_at", "pk")

    def due(self) -> "CampaignQuerySet":
        """Approved campaigns whose time has come, by the database's clock."""
        return self.filter(status=Campaign.Status.APPROVED, send_at__lte=DatabaseNow())

    def sending(self) -> "CampaignQuerySet":
        return self.filter(status=Campaign.Status.SENDING)

    def of_members(self, memberships: list[Membership]) -> "CampaignQuerySet":
        """The campaigns that these members asked for, newest first."""
        return self.filter(candidate__in=memberships).order_by("-requested_at", "-pk")


class Campaign(models.Model):
    """An email to the members of a conference: requested by a member, or written by an organiser."""

    class Kind(models.TextChoices):
        # What is specific to each kind is in `voting.campaigns.kinds`.
        PROMOTION = "promotion", _("A member's campaign")
        CANDIDATES = "candidates", _("Meet the candidates")
        REMINDER = "reminder", _("Reminder to vote")
        RESULT = "result", _("Result")
        STEPPED_DOWN = "steppeddown", _("The speaker stepped down")
        WINDOW = "window", _("The voting window was changed")
        CONFERENCE = "conference", _("The conference was changed")
        MERGED = "merged", _("A duplicate was merged")
        OPENED = "opened", _("Voting has opened")
        CLOSES_SOON = "closessoon", _("Voting closes soon")
        INVITATION = "invitation", _("Invitation")
        JOIN_REMINDER = "joinreminder", _("Reminder to join")
        INVITED_CHANGE = "changeinvite", _("The conference was changed, to those invited")
        INVITED_WINDOW = "windowinvite", _("The voting window was changed, to those invited")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for review")
        APPROVED = "approved", _("Approved")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        SENT = "sent", _("Sent")
        STOPPED = "stopped", _("Stopped")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.REQUESTED, Status.APPROVED, Status.SENDING, Status.PAUSED)
    # These do not count towards a member's campaigns or a conference's reminders.
    NEVER_SENT = (Status.REFUSED, Status.WITHDRAWN)

    conference = models.ForeignKey(
        Conference, models.PROTECT, related_name="campaigns", verbose_name=_("conference")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PROMOTION)
    candidate = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("candidate"),
    )
    # Null: the site, by the timetable of the conference.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    subject = models.CharField(
        _("subject"), max_length=120, validators=[validate_one_line], help_text=_("One line.")
    )
    message = MarkdownText(
        _("message"),
        max_length=10_000,
        blank=True,
        validators=[validate_encodable],
        help_text=_("You can use Markdown."),
    )
    # The pitches of a combined email as they were when it was written.
    pitches = models.JSONField(default=list, blank=True, editable=False)
    # No one added words of their own, so its author may approve it.
    is_standard_text = models.BooleanField(default=False, editable=False)
    # IDs of the people whose words it contains; none of them may approve it.
    authors = models.JSONField(default=list, blank=True, editable=False)
    # Grows with every change of the text, so that an approval names the text it approves.
    version = models.PositiveIntegerField(default=1, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("edited by"),
    )
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    subject_before_edit = models.CharField(max_length=120, blank=True, editable=False)
    message_before_edit = LongText(blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = LongText(_("reason"), blank=True, max_length=2000, validators=[validate_encodable])
    send_at = models.DateTimeField(_("send at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Of a notice: what it is about.
    window_change = models.OneToOneField(
        WindowChange, models.PROTECT, null=True, editable=False, related_name="notice"
    )
    conference_change = models.OneToOneField(
        ConferenceChange, models.PROTECT, null=True, editable=False, related_name="notice"
    )
    # Of the same to those who were invited and have not joined.
    change_for_invited = models.OneToOneField(
        ConferenceChange, models.PROTECT, null=True, editable=False, related_name="notice_to_invited"
    )
    window_for_invited = models.OneToOneField(
        WindowChange, models.PROTECT, null=True, editable=False, related_name="notice_to_invited"
    )
    # Of the speaker who has stepped down.
    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, editable=False, related_name="notice"
    )
    # Of an email of the timetable: when it was due.
    due_at = models.DateTimeField(null=True, editable=False)
    # Sending as a whole: failures in a row, the mail server's reply, and when to try again.
    failures = models.PositiveIntegerField(default=0, editable=False)
    trouble = models.TextField(_("problem"), blank=True, editable=False)
    rest_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Null once the request is closed: a unique column allows any number of nulls.
    open_candidate = models.GeneratedField(
        expression=Case(
            When(status__in=["requested", "approved", "sending", "paused"], then=F("candidate_id"))
        ),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["requested_at", "pk"]
        default_permissions = ("view",)
        permissions = [("review_campaign", "Can review, send and stop campaigns"), INVITES]
        indexes = [models.Index(fields=["status", "requested_at"], name="campaign_queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="promotion", candidate__isnull=False)
                | ~Q(kind="promotion") & Q(candidate=None),
                name="campaign_promotion_has_candidate",
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("campaign", args=[self.conference.slug, self.pk])

    def is_waiting(self) -> bool:
        return self.status == self.Status.REQUESTED

    def is_open(self) -> bool:
        return self.status in self.OPEN

    def is_moving(self) -> bool:
        """Whether its page changes without user action."""
        return self.status in (self.Status.APPROVED, self.Status.SENDING)


class Delivery(models.Model):
    """One campaign to one recipient, once: a member, or a roster entry that no one has joined with."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Taken by a worker")
        SENDING = "sending", _("Being handed to the mail server")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Uncertain")
        SKIPPED = "skipped", _("Skipped")

    OPEN = (Status.QUEUED, Status.CLAIMED, Status.SENDING)

    # No index of its own: an index of the campaign alone would lock more rows than a batch.
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="deliveries", verbose_name=_("campaign")
    )
    recipient = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("recipient"),
    )
    roster_entry = models.ForeignKey(
        RosterEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("roster entry"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    # How often an organiser has had it sent once more: each is an email of its own.
    resends = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("mail server's reply"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["campaign", "status", "next_attempt_at"], name="delivery_chunk"),
            models.Index(fields=["status", "lease_until"], name="delivery_lease"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "recipient"], name="delivery_once_per_recipient"),
            models.UniqueConstraint(fields=["campaign", "roster_entry"], name="delivery_once_per_entry"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, roster_entry=None)
                | Q(recipient=None, roster_entry__isnull=False),
                name="delivery_has_one_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def message_id(self) -> str:
        """The email's Message-ID: the same at every attempt, so that a second copy can be recognised."""
        to = f"r{self.roster_entry_id}" if self.roster_entry_id else f"{self.recipient_id}"
        named = f"{self.campaign_id}:{to}" + (f":{self.resends}" if self.resends else "")
        mark = salted_hmac("campaign delivery", named, algorithm="sha256").hexdigest()[:16]
        return f"<campaign.{self.campaign_id}.{to}.{mark}@{sender_domain()}>"

    @property
    def addressee(self) -> Membership | RosterEntry:
        found = self.roster_entry if self.roster_entry_id else self.recipient
        assert found is not None
        return found

    @property
    def address(self) -> str:
        """The email address to which it goes."""
        found = self.addressee
        return found.mailbox if isinstance(found, RosterEntry) else str(found.user.email)
