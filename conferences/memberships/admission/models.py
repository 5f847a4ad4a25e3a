from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from confbox.kit.clock import DatabaseNow
from confbox.kit.one_to_one import OneForEachField
from confbox.kit.text_fields import LongText
from confbox.kit.validators import validate_encodable, validate_one_line
from conferences.memberships.models import Membership

CODE_LENGTH = 8


class AdmissionQuerySet(models.QuerySet["Admission"]):
    def get_by_natural_key(self, slug: str) -> "Admission":
        return self.get(conference__slug=slug)


class Admission(models.Model):
    """Who may join a conference. Any one rule admits; besides these, a usable join code does."""

    conference = OneForEachField(
        "conferences.Conference",
        models.CASCADE,
        related_name="admission",
        verbose_name=_("conference"),
    )
    everyone = models.BooleanField(_("everyone"), default=True)
    roster = models.BooleanField(_("people on the roster"), default=False)
    # Domains in their ASCII form and in lower case. Each is exact: a subdomain is another domain.
    email_domains = models.JSONField(_("domains of email addresses"), default=list, blank=True)
    approval = models.BooleanField(_("people whom an organiser lets in"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("admission")
        verbose_name_plural = _("admissions")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.conference)

    def natural_key(self) -> tuple[str]:
        return (self.conference.slug,)

    natural_key.dependencies = ["conferences.conference"]  # type: ignore[attr-defined]

    @classmethod
    def new_for(cls, conference: Any) -> "Admission":
        """Not stored: everyone may join."""
        return cls(conference=conference)


class CodeState(models.TextChoices):
    USABLE = "usable", _("usable")
    ENDED = "ended", _("ended")
    EXPIRED = "expired", _("expired")
    USED_UP = "used_up", _("used up")


class JoinCodeQuerySet(models.QuerySet["JoinCode"]):
    def get_by_natural_key(self, code: str) -> "JoinCode":
        return self.get(code=code)

    def usable(self) -> "JoinCodeQuerySet":
        """Codes that admit the next person, by the database's clock."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=DatabaseNow())
        return self.filter(in_time, Q(most_uses=None) | Q(uses__lt=F("most_uses")), ended_at=None)


class JoinCode(models.Model):
    """What people type or scan to join. Never changed: a new one takes the place of one that is ended."""

    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, related_name="join_codes", verbose_name=_("conference")
    )
    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True)
    # For the organisers alone: where the code is shown. People who use it never see the name.
    name = models.CharField(_("name"), max_length=60, blank=True, validators=[validate_one_line])
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    most_uses = models.PositiveIntegerField(_("most uses"), null=True, blank=True)
    # Counted by `take_up` alone, in one statement.
    uses = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    objects = JoinCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("join code")
        verbose_name_plural = _("join codes")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(most_uses=None) | Q(uses__lte=F("most_uses")),
                name="join_code_within_uses",
            )
        ]

    def __str__(self) -> str:
        return self.shown

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def shown(self) -> str:
        """In two groups, as people read it aloud and type it."""
        return f"{self.code[:4]}-{self.code[4:]}"

    @property
    def label(self) -> str:
        """For the audit log and for organisers who may not see the code itself."""
        if not self.name:
            return str(self.pk)
        return _("%(id)d “%(name)s”") % {"id": self.pk, "name": self.name}

    def state(self, now: datetime) -> CodeState:
        if self.ended_at:
            return CodeState.ENDED
        if self.expires_at and self.expires_at <= now:
            return CodeState.EXPIRED
        is_used_up = self.most_uses is not None and self.uses >= self.most_uses
        return CodeState.USED_UP if is_used_up else CodeState.USABLE


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def get_by_natural_key(self, slug: str, email: str, asked_at: str) -> "JoinRequest":
        """The time is that of a JSON file, which has milliseconds only."""
        at = datetime.fromisoformat(asked_at)
        of_person = self.filter(conference__slug=slug, user__email=email)
        return of_person.get(asked_at__gte=at, asked_at__lt=at + timedelta(milliseconds=1))

    def waiting(self) -> "JoinRequestQuerySet":
        return self.filter(answer=JoinRequest.Answer.NONE)

    def to_answer(self) -> "JoinRequestQuerySet":
        """Those that wait, except of people who have joined in another way since."""
        members = Membership.objects.current().filter(
            conference=OuterRef("conference"), user=OuterRef("user")
        )
        return self.waiting().filter(~Exists(members), user__is_active=True)


class JoinRequest(models.Model):
    """A person asks the organisers to be let in."""

    class Answer(models.TextChoices):
        NONE = "", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, related_name="join_requests", verbose_name=_("conference")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests", verbose_name=_("person")
    )
    sentence = LongText(
        _("who you are"), max_length=500, validators=[validate_encodable, MaxLengthValidator(500)]
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    answer = models.CharField(
        _("answer"), max_length=10, choices=Answer.choices, default=Answer.NONE, blank=True, editable=False
    )
    reason = LongText(
        _("reason"), max_length=1000, blank=True, validators=[validate_encodable, MaxLengthValidator(1000)]
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("answered by"),
    )
    # Null once it is answered: a unique constraint allows any number of nulls.
    waiting_user = models.GeneratedField(
        expression=Case(When(answer="", then=F("user_id"))),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["asked_at", "pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["conference", "answer"], name="join_request_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["conference", "waiting_user"], name="join_request_one_waits")
        ]

    def __str__(self) -> str:
        return str(self.user)

    def natural_key(self) -> tuple[str, str, str]:
        return (self.conference.slug, self.user.email, self.asked_at.isoformat(timespec="milliseconds"))

    natural_key.dependencies = ["conferences.conference", "accounts.user"]  # type: ignore[attr-defined]

    @property
    def is_waiting(self) -> bool:
        return self.answer == self.Answer.NONE
