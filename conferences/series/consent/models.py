"""An act that one person of a team asked for and that a second one has to confirm."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.clock import DatabaseNow
from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable

READ = "conferences.view_conference"
LONGEST_REASON = 1000
"""Characters."""
# What a person needs to confirm each act. Apps above this one add theirs when the site starts.
PERMISSIONS_OF_ACTS: dict[str, tuple[str, ...]] = {}


class ConsentRequestQuerySet(models.QuerySet["ConsentRequest"]):
    def unended(self) -> "ConsentRequestQuerySet":
        """Not answered; their time may have passed."""
        return self.filter(waiting_subject__isnull=False)

    def waiting(self) -> "ConsentRequestQuerySet":
        return self.unended().filter(expires_at__gt=DatabaseNow())

    def overdue(self) -> "ConsentRequestQuerySet":
        """Their time has passed, and no one has been notified of that."""
        return self.unended().filter(expires_at__lte=DatabaseNow())

    def answerable_by(self, user: Viewer) -> "ConsentRequestQuerySet":
        """Of the acts for which this person has the permissions there, and none that is about themselves."""
        found = Q(pk__in=[])
        for act, permissions in PERMISSIONS_OF_ACTS.items():
            found |= Q(*(self._where(user, each) for each in permissions), act=act)
        return self.filter(found).exclude(concerns=user.pk)

    def waiting_for(self, user: Viewer) -> "ConsentRequestQuerySet":
        """Those that this person can confirm now: never their own."""
        return self.waiting().answerable_by(user).exclude(asked_by=user.pk)

    def visible_to(self, user: Viewer) -> "ConsentRequestQuerySet":
        """Those that this person can answer or asked for, in the conferences that they run."""
        own = self.filter(asked_by=user.pk)
        return (self.answerable_by(user) | own).filter(self._where(user, READ))

    def _where(self, user: Viewer, permission: str) -> Q:
        if has_site_permission(user, permission):
            return Q()
        model: Any = self.model._meta.get_field("conference").related_model
        return Q(conference__in=model.objects.managed_by(user, permission).values("pk"))


def person(verbose_name: object, *, null: bool = False) -> "models.ForeignKey[User, User]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=null,
        related_name="+",
        verbose_name=verbose_name,  # type: ignore[arg-type]
    )


class ConsentRequest(models.Model):
    """Its state follows from its times; at most one of the five ends is set."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a second person")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", pgettext_lazy("a request", "Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REFUSED = "refused", _("Confirmed too late: no longer possible")
        LAPSED = "lapsed", _("Expired without an answer")

    ENDS = {
        "confirmed_at": State.CONFIRMED,
        "declined_at": State.DECLINED,
        "withdrawn_at": State.WITHDRAWN,
        "refused_at": State.REFUSED,
        "lapsed_at": State.LAPSED,
    }

    conference = models.ForeignKey(
        "conferences.Conference",
        models.CASCADE,
        related_name="consent_requests",
        verbose_name=_("conference"),
    )
    act = models.CharField(_("what"), max_length=20)
    # What the act is done to, in the form that the act accepts.
    payload = models.JSONField(_("details"))
    subject = models.CharField(max_length=60)
    reason = LongText(_("reason"), blank=True, max_length=2000, validators=[validate_encodable])
    # Whose own interest it is. They do not answer it, nor learn of it unless they asked.
    concerns = person(_("concerns"), null=True)
    asked_by = person(_("requested by"))
    asked_at = models.DateTimeField(_("requested"))
    expires_at = models.DateTimeField(_("expires"))
    answered_by = person(_("answered by"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    declined_at = models.DateTimeField(_("declined"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    # Confirmed when the rules no longer allowed it.
    refused_at = models.DateTimeField(_("refused"), null=True)
    refusal = models.TextField(_("why it was refused"), blank=True)
    # Only those who can see the request read it.
    decline_reason = LongText(
        _("why it was declined"), blank=True, max_length=LONGEST_REASON, validators=[validate_encodable]
    )
    lapsed_at = models.DateTimeField(_("expiry noted"), null=True)
    # One request about the same thing at a time; see `Decision.current_election`.
    waiting_subject = models.GeneratedField(
        expression=Case(
            When(
                confirmed_at=None,
                declined_at=None,
                withdrawn_at=None,
                refused_at=None,
                lapsed_at=None,
                then=F("subject"),
            )
        ),
        output_field=models.CharField(max_length=60, null=True),
        db_persist=True,
        db_index=True,
    )

    objects = ConsentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a second person")
        verbose_name_plural = _("requests for a second person")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "act", "waiting_subject"], name="consent_request_one_waits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conference}: {self.act}"

    def state(self, now: datetime) -> State:
        ended = (state for column, state in self.ENDS.items() if getattr(self, column))
        return next(ended, self.State.WAITING if now < self.expires_at else self.State.LAPSED)

    @property
    def ended_at(self) -> datetime | None:
        return next((at for column in self.ENDS if (at := getattr(self, column))), None)
