from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import Viewer, has_site_permission
from accounts.removal import REMOVE
from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable
from conferences.models import Membership
from conferences.series.models import in_managed_conferences
from conferences.series.roles.models import MODERATE

LONGEST_TEXT = 1000
"""Characters."""


class ReportQuerySet(models.QuerySet["Report"]):
    def managed_by(self, user: Viewer, permission: str = MODERATE) -> "ReportQuerySet":
        """Those in the conferences in which this person has the permission, but none about themselves."""
        found = self.exclude(membership__user=user.pk)
        return in_managed_conferences(found, user, permission, to_conference="membership__conference")

    def unsettled(self) -> "ReportQuerySet":
        """Not settled, about someone who is a member."""
        is_member = {"membership__left_at": None, "membership__user__is_active": True}
        return self.filter(settled_at=None, **is_member)

    def to_settle(self) -> "ReportQuerySet":
        """Those that wait for the team, and not for the organisers of the site."""
        return self.unsettled().filter(passed_on_at=None)

    def for_team(self) -> "ReportQuerySet":
        """What waits for it, and whatever has become of what it has passed on."""
        return self.filter(Q(pk__in=self.to_settle().values("pk")) | Q(passed_on_at__isnull=False))

    def passed_on(self) -> "ReportQuerySet":
        """Those that wait for the organisers of the site: about accounts, so also of those who have left."""
        waiting = {"settled_at": None, "passed_on_at__isnull": False}
        return self.filter(**waiting, membership__user__is_active=True)

    def passed_on_to(self, user: Viewer) -> "ReportQuerySet":
        """Those that this organiser of the site can answer, none about themselves."""
        if not has_site_permission(user, REMOVE):
            return self.none()
        return self.passed_on().exclude(membership__user=user.pk)


class Report(models.Model):
    """A member thinks that the organisers should look at what another one shows.

    Who reported it is shown to no one, and the audit log does not have it: whose words are reported may be
    in the team that reads it.
    """

    class Subject(models.TextChoices):
        PITCH = "pitch", _("The pitch")
        PROFILE = "profile", _("The picture or profile")

    class Reason(models.TextChoices):
        INSULT = "insult", _("It insults, threatens or harasses people")
        CONTENT = "content", _("It is sexual, violent or hateful")
        ADVERT = "advert", _("It is advertising or a scam")
        IDENTITY = "identity", _("It is not by the person it claims to be by")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        NONE = "", pgettext_lazy("a report", "Waiting")
        HIDDEN = "hidden", pgettext_lazy("a report", "Hidden")
        REMOVED = "removed", pgettext_lazy("a report", "Removed")
        DISMISSED = "dismissed", pgettext_lazy("a report", "Dismissed")

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="reports", verbose_name=_("member")
    )
    subject = models.CharField(_("what"), max_length=10, choices=Subject.choices)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    text = LongText(
        _("in your own words"),
        blank=True,
        max_length=LONGEST_TEXT,
        validators=[validate_encodable, MaxLengthValidator(LONGEST_TEXT)],
    )
    # As it was when it was reported.
    shown_text = LongText(blank=True)
    shown_picture = models.CharField(max_length=100, blank=True)
    # Null once that person has deleted the account.
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    reported_at = models.DateTimeField(_("reported"))
    passed_on_at = models.DateTimeField(_("passed on"), null=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, blank=True, default=Outcome.NONE
    )
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("settled by")
    )
    # For the team.
    note = LongText(_("note"), blank=True, max_length=LONGEST_TEXT)
    # Null once it is settled: a unique constraint allows any number of nulls.
    waiting_reporter = models.GeneratedField(
        expression=Case(When(settled_at=None, then=F("reported_by_id"))),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["reported_at", "pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["settled_at", "reported_at"], name="report_unsettled")]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "subject", "waiting_reporter"], name="report_one_waits"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, outcome="") | Q(settled_at__isnull=False) & ~Q(outcome=""),
                name="report_settled_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_subject_display()}"

    def is_unchanged(self, now_shown: dict[str, Any]) -> bool:
        """Whether what was reported has not been changed since; compared here, where case matters."""
        return all(getattr(self, column) == value for column, value in now_shown.items())
