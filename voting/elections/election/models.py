from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Viewer
from confbox.kit.clock import DatabaseNow
from confbox.kit.one_to_one import OneForEachField
from conferences.models import Conference, Membership
from conferences.series.models import in_managed_conferences


class VotingState(models.TextChoices):
    UNSCHEDULED = "unscheduled", _("Voting not scheduled")
    SCHEDULED = "scheduled", _("Voting opens soon")
    OPEN = "open", _("Voting open")
    CLOSED = "closed", _("Voting closed")
    DECIDED = "decided", _("Speaker chosen")
    # Before it closed, the conference was cancelled.
    CANCELLED = "cancelled", _("Cancelled")


class ElectionQuerySet(models.QuerySet["Election"]):
    def get_by_natural_key(self, slug: str) -> "Election":
        return self.get(conference__slug=slug)

    def managed_by(self, user: Viewer, permission: str = "voting.view_election") -> "ElectionQuerySet":
        return in_managed_conferences(self, user, permission, to_conference="conference")

    def undecided(self) -> "ElectionQuerySet":
        """Votes that have closed without a decision, of conferences that are still to come."""
        now = DatabaseNow()
        closed = self.filter(rules_set_at__isnull=False, closes_at__lte=now)
        to_come = closed.filter(conference__status=Conference.Status.ACTIVE, conference__ends_at__gt=now)
        waiting = to_come.filter(decided_at=None, speaker=None).select_related("conference")
        return waiting.order_by("conference__starts_at", "conference")

    def without_rules(self) -> "ElectionQuerySet":
        """Those with dates to come whose rules are still to be set."""
        dated = self.filter(rules_set_at=None, closes_at__gt=DatabaseNow(), decided_at=None, speaker=None)
        return dated.exclude(conference__status__in=(Conference.Status.INACTIVE, Conference.Status.CANCELLED))

    def awaiting_publication(self) -> "ElectionQuerySet":
        """Votes that neither open nor close, whatever time is set, because their conference is a draft."""
        return self.filter(conference__status=Conference.Status.DRAFT, roll_frozen_at=None)

    def stopped(self) -> "ElectionQuerySet":
        """Votes that had not closed when their conference was cancelled: they have no result."""
        not_closed = Q(closes_at=None) | Q(rules_set_at=None) | Q(closes_at__gt=F("conference__stopped_at"))
        undecided = self.filter(speaker=None, decided_at=None, conference__status=Conference.Status.CANCELLED)
        return undecided.filter(not_closed)

    def roll_is_due(self) -> "ElectionQuerySet":
        """Votes that have opened by the database's clock, whose roll is not frozen yet."""
        ruled = self.filter(rules_set_at__isnull=False, roll_frozen_at=None)
        return ruled.filter(opens_at__lte=DatabaseNow()).exclude(conference__status=Conference.Status.DRAFT)

    def publication_is_due(self) -> "ElectionQuerySet":
        """Votes that closed on schedule, whose ballots are not published yet."""
        ruled = self.filter(rules_set_at__isnull=False, published_ballots=None)
        stopped, drafts = Election.objects.stopped(), Election.objects.awaiting_publication()
        return ruled.filter(closes_at__lte=DatabaseNow()).exclude(pk__in=stopped).exclude(pk__in=drafts)


class Election(models.Model):
    """The vote of one conference: its window, its rules and limits, and who was chosen.

    Every vote is stored under a share lock on this row, and whatever ends or counts the vote locks it.
    """

    class ResultsVisibility(models.TextChoices):
        AFTER_DECISION = "after_decision", _("After the decision")
        AFTER_CLOSE = "after_close", _("After voting closes")
        LIVE = "live", _("Live, while voting is open")

    class OrganisersSeeTally(models.TextChoices):
        AFTER_CLOSE = "after_close", _("After voting closes; until then only the turnout")
        LIVE = "live", _("Live, while voting is open")

    class LateJoiners(models.TextChoices):
        MAY_VOTE = "may_vote", _("May vote")
        MAY_NOT_VOTE = "may_not_vote", _("May not vote")

    class WhoVotes(models.TextChoices):
        MEMBERS = "members", _("All members")
        ROSTER = "roster", _("Members who are on the roster")

    class Ties(models.TextChoices):
        ANY_MEMBER = "any_member", _("The organisers choose any member and give a reason")
        TIED_ONLY = "tied_only", _("The organisers choose one of the tied members and give a reason")

    conference: "models.OneToOneField[Conference, Conference]" = OneForEachField(
        Conference, models.CASCADE, primary_key=True, related_name="election", verbose_name=_("conference")
    )
    opens_at = models.DateTimeField(_("voting opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("voting closes"), null=True, blank=True)
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
    who_votes = models.CharField(
        _("who votes"),
        max_length=10,
        choices=WhoVotes.choices,
        default=WhoVotes.MEMBERS,
        help_text=_(
            "The roster as it is when voting opens becomes the list of voters: people on it can "
            "vote even if they join later. This cannot be changed after voting has opened."
        ),
    )
    late_joiners = models.CharField(
        _("members who join after voting opens"),
        max_length=20,
        choices=LateJoiners.choices,
        default=LateJoiners.MAY_VOTE,
        help_text=_("Has no effect if only members who are on the roster may vote."),
    )
    ties = models.CharField(
        _("if there is a tie"), max_length=20, choices=Ties.choices, default=Ties.ANY_MEMBER
    )
    window_needs_consent = models.BooleanField(
        _("a second organiser confirms every change to the deadline"),
        default=False,
        help_text=_("While voting is open, no organiser can move the deadline or close voting early alone."),
    )
    # Voting cannot open before an organiser has set the rules above.
    rules_set_at = models.DateTimeField(_("rules set"), null=True, blank=True, editable=False)
    campaigns_per_candidate = models.PositiveSmallIntegerField(
        _("campaigns per candidate"),
        default=3,
        help_text=_("How many campaign emails each member may have sent. 0 allows none."),
    )
    campaign_gap_hours = models.PositiveSmallIntegerField(
        _("hours between campaigns"),
        default=24,
        help_text=_("How long a member waits after one campaign before asking for the next."),
    )
    reminder_limit = models.PositiveSmallIntegerField(
        _("reminders to vote"),
        default=1,
        help_text=_("How many reminder emails may go to members who have not voted."),
    )
    # The electoral roll as it was when voting opened: how many could vote, and the digest of their entries.
    roll_frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    roll_size = models.PositiveIntegerField(null=True, blank=True, editable=False)
    roll_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    # The acts that the series had a second person confirm when voting opened. They stay until it is over.
    consent_at_opening = models.JSONField(default=list, blank=True, editable=False)
    # Set if the rules of an open vote hid a tally that had been live: what was seen of it cannot be undone.
    tally_was_live = models.BooleanField(default=False, editable=False)
    # Set once the window of the open vote was changed; `voting.WindowChange` records what and why.
    window_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set while there is a current decision; the speaker is named here only after accepting it.
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    speaker = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="speaks_at",
        verbose_name=_("speaker"),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    # The database's clock when the row was locked.
    as_of: datetime | None = None

    objects = ElectionQuerySet.as_manager()

    class Meta:
        # What organisers see of it in the admin, and at which URL.
        verbose_name = _("vote of a conference")
        verbose_name_plural = _("votes")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["opens_at"], name="election_opens"),
            models.Index(fields=["closes_at"], name="election_closes"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None, closes_at=None)
                | Q(opens_at__isnull=False, closes_at__gte=F("opens_at")),
                name="election_closes_after_opening",
                violation_error_message=_("Voting needs both an opening time and a later closing time."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.conference)

    @classmethod
    def new_for(cls, conference: Conference) -> "Election":
        """Not stored and not scheduled."""
        return cls(conference=conference, updated_at=conference.updated_at)

    @property
    def now(self) -> datetime:
        return self.conference.now

    def state(self, now: datetime | None = None) -> VotingState:
        now = self._stopped(now or self.now)
        if self.speaker_id:
            return VotingState.DECIDED
        if self.decided_at or self._closed_by(now):
            return VotingState.CLOSED
        if self.conference.is_cancelled:
            return VotingState.CANCELLED
        if self.opens_at is None or self.closes_at is None or self.rules_set_at is None:
            return VotingState.UNSCHEDULED
        if self.awaits_publication() and self.closes_at <= now:
            return VotingState.UNSCHEDULED
        return VotingState.SCHEDULED if now < self.opens_at or self.awaits_publication() else VotingState.OPEN

    def awaits_publication(self) -> bool:
        """Whether it neither opens nor closes, whatever time is set, because the conference is a draft."""
        return self.conference.status == Conference.Status.DRAFT and self.roll_frozen_at is None

    def opens_when_published(self) -> bool:
        """Whether it is a draft, and the time at which voting was to open has come."""
        is_due = self.opens_at is not None and self.opens_at <= self.now
        return self.awaits_publication() and self.state() == VotingState.SCHEDULED and is_due

    def _stopped(self, now: datetime) -> datetime:
        """The time that counts for the vote: its clock stops while the conference is cancelled."""
        stopped_at = self.conference.stopped_at if self.conference.is_cancelled else None
        return min(now, stopped_at) if stopped_at else now

    def _closed_by(self, now: datetime) -> bool:
        is_set = self.rules_set_at and self.opens_at and self.closes_at and not self.awaits_publication()
        return bool(is_set and self.closes_at and self.closes_at <= now)

    def lacks_rules(self) -> bool:
        """Whether its dates are to come and only the rules keep it from opening."""
        is_to_come = self.closes_at is not None and self.closes_at > self.now
        return is_to_come and self.state() == VotingState.UNSCHEDULED

    def state_for_organisers(self) -> str:
        if self.opens_when_published():
            return str(_("Opens when it is published"))
        return str(_("Rules not set") if self.lacks_rules() else self.state().label)

    def has_opened(self) -> bool:
        """Whether there is or was a vote that has opened."""
        is_set = self.opens_at and self.closes_at and self.rules_set_at and not self.awaits_publication()
        return bool(is_set and self.opens_at and self.opens_at <= self._stopped(self.now))

    def only_roster_votes(self) -> bool:
        return self.who_votes == self.WhoVotes.ROSTER

    def late_joiners_may_vote(self) -> bool:
        """Whether joining after the opening keeps no one from voting; the roster may."""
        return self.only_roster_votes() or self.late_joiners == self.LateJoiners.MAY_VOTE

    def is_open(self, now: datetime | None = None) -> bool:
        return self.conference.status == Conference.Status.ACTIVE and self.state(now) == VotingState.OPEN

    def is_close_ahead(self) -> bool:
        """Whether voting will close at a time that members should know."""
        is_active = self.conference.status == Conference.Status.ACTIVE
        return is_active and self.state() in (VotingState.SCHEDULED, VotingState.OPEN)

    def has_closed(self) -> bool:
        """Whether there was a vote, and it has closed."""
        return self._closed_by(self._stopped(self.now))

    def is_count_final(self) -> bool:
        return self.state() in (VotingState.CLOSED, VotingState.DECIDED)
