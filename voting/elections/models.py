from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Viewer
from confbox.kit.clock import DatabaseNow
from confbox.kit.text_fields import LongText, MarkdownText
from confbox.kit.validators import validate_encodable, validate_one_line
from conferences.models import Conference, Membership
from conferences.series.models import in_managed_conferences
from voting.elections.election.models import Election


class PitchQuerySet(models.QuerySet["Pitch"]):
    def managed_by(self, user: Viewer, permission: str = "voting.view_pitch") -> "PitchQuerySet":
        return in_managed_conferences(self, user, permission, to_conference="membership__conference")

    def covered(self) -> "PitchQuerySet":
        return self.filter(covered_until__gt=DatabaseNow())


class Pitch(models.Model):
    """What a candidate says to be voted for."""

    membership = models.OneToOneField(
        Membership, models.CASCADE, primary_key=True, related_name="pitch", verbose_name=_("member")
    )
    headline = models.CharField(
        _("headline"),
        max_length=120,
        validators=[validate_one_line],
        help_text=_("One line that says what you would talk about."),
    )
    statement = MarkdownText(
        _("statement"),
        max_length=5000,
        blank=True,
        validators=[validate_encodable],
        help_text=_("Why members should choose you. You can use Markdown."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    # Since when everyone may see the name and the headline; null: members only.
    shared_at = models.DateTimeField(_("shared publicly"), null=True, blank=True, editable=False)
    # Until when others do not see the text; in the past: this text has been covered once, and is not again.
    covered_until = models.DateTimeField(_("covered until"), null=True, blank=True, editable=False)

    objects = PitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("pitch")
        verbose_name_plural = _("pitches")

    def __str__(self) -> str:
        return self.headline

    @property
    def whole_text(self) -> str:
        return f"{self.headline}\n\n{self.statement}".strip()

    @classmethod
    def text_of(cls, member_id: int) -> str:
        """What this member says in order to be chosen; empty if there is no pitch."""
        pitch = cls.objects.filter(membership=member_id).first()
        return pitch.whole_text if pitch else ""

    @property
    def is_unchanged_since_hidden(self) -> bool:
        hidden_at = self.membership.pitch_hidden_at
        return hidden_at is not None and self.updated_at <= hidden_at

    @property
    def is_covered(self) -> bool:
        """Whether others see no word of it, while a second person is asked whether it is to be hidden."""
        return covers_now(self.covered_until)


def covers_now(until: datetime | None) -> bool:
    """Whether a cover that lasts until then, if there is one, has not ended."""
    return until is not None and timezone.now() < until


class VoteQuerySet(models.QuerySet["Vote"]):
    def valid(self) -> "VoteQuerySet":
        """Votes that would count if voting closed now.

        Only the voter may learn the difference before that.
        """
        return self.filter(voided_at=None)


class Vote(models.Model):
    """One member's current choice. The primary key ensures that there is only one.

    While voting is open, a void vote stays in every figure, so that no figure shows whom a member who was
    excluded or left had chosen. `voting.elections.voiding` removes it when voting closes.
    """

    class Voided(models.TextChoices):
        """Why a vote no longer counts."""

        VOTER_LEFT = "voter_left"
        VOTER_EXCLUDED = "voter_excluded"
        VOTER_DISABLED = "voter_disabled"
        VOTER_OFF_ROLL = "voter_off_roll"
        CANDIDATE_LEFT = "candidate_left"
        CANDIDATE_OPTED_OUT = "candidate_opted_out"
        CANDIDATE_EXCLUDED = "candidate_excluded"
        CANDIDATE_DISABLED = "candidate_disabled"
        CANDIDATE_HIDDEN = "candidate_hidden"

    voter = models.OneToOneField(
        Membership, models.PROTECT, primary_key=True, related_name="vote", verbose_name=_("voter")
    )
    # Not the conference: the check of this foreign key locks the row it refers to, and editing an agenda
    # would wait.
    election = models.ForeignKey(Election, models.PROTECT, related_name="votes", verbose_name=_("election"))
    candidate = models.ForeignKey(
        Membership, models.PROTECT, related_name="votes_received", verbose_name=_("candidate")
    )
    cast_at = models.DateTimeField(_("cast"), default=timezone.now)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True, editable=False)
    voided_because = models.CharField(
        _("reason it is void"),
        max_length=20,
        choices=Voided.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    # Until publication, null only on rows that did not come from a ballot, such as imported ones.
    nonce = models.CharField(_("nonce"), max_length=32, null=True, editable=False)  # noqa: DJ001
    tracker = models.CharField(_("tracker"), max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001

    objects = VoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        default_permissions = ()
        indexes = [models.Index(fields=["election", "candidate"], name="vote_tally")]
        constraints = [
            models.CheckConstraint(condition=~Q(voter=F("candidate")), name="vote_not_for_oneself")
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class KeptFigure(models.Model):
    """A figure of a large vote whose result is not published, as it was when it was last counted."""

    class Kind(models.TextChoices):
        TURNOUT = "turnout"
        TALLY = "tally"
        HOURS = "hours"
        ROLL = "roll"

    election = models.ForeignKey(Election, models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # None until it has been counted once.
    value = models.JSONField(null=True)
    counted_at = models.DateTimeField(null=True)
    took_seconds = models.FloatField(default=0)
    # None unless a count is queued or running.
    asked_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["election", "kind"], name="kept_figure_once")]

    def __str__(self) -> str:
        return f"{self.election_id}: {self.kind}"


class WindowChange(models.Model):
    """How and why an organiser changed the window of an open vote. Only its reason can be corrected."""

    class Act(models.TextChoices):
        MOVED = "moved", _("Deadline moved")
        CLOSED = "closed", _("Closed early")

    election = models.ForeignKey(
        Election, models.PROTECT, related_name="window_changes", verbose_name=_("conference")
    )
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    closed_before = models.DateTimeField(_("deadline before"))
    closes_at = models.DateTimeField(_("deadline after"))
    reason = LongText(_("reason"), max_length=1000, validators=[validate_encodable])
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("change to the voting window")
        verbose_name_plural = _("changes to the voting window")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.election}: {self.get_act_display()}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def managed_by(self, user: Viewer, permission: str = "voting.view_decision") -> "DecisionQuerySet":
        return in_managed_conferences(self, user, permission, to_conference="election__conference")

    def current(self) -> "DecisionQuerySet":
        return self.filter(answer__in=Decision.CURRENT)

    def overdue(self) -> "DecisionQuerySet":
        """Of conferences that are still to come, those without an answer by the time it was asked for."""
        now, is_active = DatabaseNow(), {"election__conference__status": Conference.Status.ACTIVE}
        pending = self.filter(answer=Decision.Answer.PENDING, reply_by__lte=now)
        return pending.filter(election__conference__ends_at__gt=now, **is_active)

    def accepted(self) -> "DecisionQuerySet":
        return self.filter(answer=Decision.Answer.ACCEPTED)

    def announced(self) -> "DecisionQuerySet":
        """Decisions that members have been notified of, because the speaker accepted."""
        return self.filter(answer__in=Decision.ANNOUNCED)


class Decision(models.Model):
    """The organisers' pick of the speaker, with the tally at that time."""

    class Answer(models.TextChoices):
        PENDING = "pending", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Stepped down after accepting")
        TAKEN_BACK = "taken_back", _("Withdrawn by the organisers")
        REVOKED = "revoked", _("Withdrawn by the organisers after accepting")

    CURRENT = (Answer.PENDING, Answer.ACCEPTED)
    ANNOUNCED = (Answer.ACCEPTED, Answer.WITHDRAWN, Answer.REVOKED)
    # By the member themselves.
    REFUSED = (Answer.DECLINED, Answer.WITHDRAWN)
    # Of those who cannot or do not want to speak.
    NOT_SPEAKING = (*REFUSED, Answer.REVOKED)

    election = models.ForeignKey(
        Election, models.PROTECT, related_name="decisions", verbose_name=_("conference")
    )
    speaker = models.ForeignKey(
        Membership, models.PROTECT, related_name="decisions", verbose_name=_("speaker")
    )
    # As in the tally that was decided on, even if the person is renamed later.
    speaker_name = models.CharField(_("speaker's name"), max_length=150, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    tally = models.JSONField(_("votes at the time of the decision"))
    reason = LongText(_("reason"), blank=True, max_length=2000, validators=[validate_encodable])
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, default=Answer.PENDING)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # Until when the chosen member is asked to answer, and since when that is so. Not after it has started.
    reply_by = models.DateTimeField(_("answer requested by"), null=True, blank=True)
    reply_by_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Also for stepping down, and why organisers withdrew one who had accepted; that member gets it by email.
    # Only those of the team who can choose the speaker see it.
    decline_reason = LongText(
        _("reason for not speaking"), blank=True, max_length=1000, validators=[validate_encodable]
    )
    # Null once the decision is no longer current: a unique column allows any number of nulls, also on
    # MariaDB, which has no conditional unique constraints.
    current_election = models.GeneratedField(
        expression=Case(When(answer__in=["pending", "accepted"], then=F("election_id"))),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-decided_at", "-pk"]
        default_permissions = ("add", "view")
        indexes = [models.Index(fields=["answer", "decided_at"], name="decision_waiting")]

    def __str__(self) -> str:
        return f"{self.election}: {self.speaker_name}"

    def is_overdue(self, now: datetime) -> bool:
        """Whether there is no answer by the time it was asked for."""
        return self.answer == self.Answer.PENDING and self.reply_by is not None and self.reply_by <= now
