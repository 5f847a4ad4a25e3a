"""Tokens with which a person's own programs use the API."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Aggregate, CharField, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from confbox.kit.validators import validate_one_line

LONGEST_NAME = 80
# Their IDs are read as one text; some databases cut such a text off after 1,024 characters.
MOST_CONFERENCES = 50


class Scope(models.TextChoices):
    """What a token permits; never more than its owner may do."""

    READ = "read", _("Read what you can see, and your own data")
    VOTE = "vote", _("Join and leave conferences, vote, and change your settings")
    CAMPAIGN = "campaign", _("Write your profile and pitch, and request and withdraw your campaigns")
    ORGANISE_READ = "organise:read", _("Read what you see as an organiser")
    ORGANISE_WRITE = "organise:write", _("Do what you may do as an organiser")


OF_ORGANISERS = frozenset({Scope.ORGANISE_READ, Scope.ORGANISE_WRITE})


class JoinedIDs(Aggregate):
    function = "GROUP_CONCAT"
    output_field = CharField()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def active(self) -> "ApiTokenQuerySet":
        """Neither ended nor expired."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())

    def with_chosen(self) -> "ApiTokenQuerySet":
        """Annotates each with the IDs of its conferences, so that `covers` needs no query."""
        rows = ApiToken.conferences.through.objects.filter(apitoken=OuterRef("pk")).order_by()
        joined = rows.values("apitoken").annotate(ids=JoinedIDs("conference_id")).values("ids")
        return self.annotate(chosen=Subquery(joined))  # type: ignore[no-redef]


class ApiToken(models.Model):
    """A secret that acts for its owner. Only its digest is stored; its scopes never change."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME, validators=[validate_one_line])
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope_names = models.JSONField(_("scopes"), default=list)
    # If not, it covers only those in `conferences`, also if none of them is left.
    all_conferences = models.BooleanField(_("all conferences"), default=True)
    conferences: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "conferences.Conference", related_name="api_tokens", verbose_name=_("conferences")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    # To ten minutes, or to the minute if the IP address is another one.
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_ip = models.GenericIPAddressField(_("last IP address"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    # When its owner was sent an email that it expires soon.
    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)

    # The IDs of its conferences, joined by commas; `with_chosen` reads them.
    chosen: str | None
    # Whether the owner has a second factor; read together with the token that comes with a request.
    owner_has_factor: bool

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["expires_at"], name="api_token_expires_at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="api_token_expires_after_creation"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.scope_names)

    @property
    def is_of_organiser(self) -> bool:
        """Whether any of its scopes are organisers'."""
        return bool(self.scopes & OF_ORGANISERS)

    def has_scope(self, scope: str) -> bool:
        return scope in self.scopes

    def covers(self, conference: models.Model) -> bool:
        """Whether it may be used for this conference; what its owner may do there is asked besides."""
        return self.all_conferences or conference.pk in self._chosen_ids()

    def _chosen_ids(self) -> set[int]:
        if hasattr(self, "chosen"):
            return {int(number) for number in (self.chosen or "").split(",") if number}
        return set(self.conferences.values_list("pk", flat=True))

    @property
    def over_at(self) -> datetime:
        """When it ended, or else expires."""
        return min(self.ended_at, self.expires_at) if self.ended_at else self.expires_at

    def is_active(self, now: datetime | None = None) -> bool:
        return self.ended_at is None and self.expires_at > (now or timezone.now())
