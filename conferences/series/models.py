from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import LinkedAddress, User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.email_addresses import EmailAddressField
from confbox.kit.validators import validate_one_line
from conferences.series.roles.models import Role, TeamRoles

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


def roles_of(user: Viewer) -> TeamRoles:
    """Read once for each request: the person of the next one is another object."""
    if not isinstance(user, User) or not user.is_active or user.is_in_team is False:
        return TeamRoles()
    if not hasattr(user, "team_roles"):
        user.team_roles = _stored_roles(user)  # type: ignore[attr-defined]
    found: TeamRoles = user.team_roles  # type: ignore[attr-defined]
    return found


def _stored_roles(user: User) -> TeamRoles:
    found = TeamRoles()
    rows = TeamMember.objects.filter(person=user).values_list("series", "conference", "role")
    for series, conference, role in rows:
        (found.in_series if series else found.in_conferences)[series or conference] = role
    return found


def in_managed_conferences(rows: Rows, user: Viewer, permission: str, *, to_conference: str) -> Rows:
    """The rows of those conferences in which the person has the permission.

    `to_conference` is the path from a row to its conference.
    """
    if has_site_permission(user, permission):
        return rows
    model: Any = rows.model
    for name in to_conference.split("__"):
        model = model._meta.get_field(name).related_model
    return rows.filter(**{f"{to_conference}__in": model.objects.managed_by(user, permission).values("pk")})


def acting_person(verbose_name: Any) -> "models.ForeignKey[User | None, User | None]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=verbose_name,
    )


class SeriesQuerySet(models.QuerySet["Series"]):
    def get_by_natural_key(self, slug: str) -> "Series":
        return self.get(slug=slug)

    def managed_by(self, user: Viewer, permission: str = "conferences.view_conference") -> "SeriesQuerySet":
        """The series in which this person has the permission; of all, where it is one of the site."""
        if has_site_permission(user, permission):
            return self
        return self.filter(pk__in=roles_of(user).series_with(permission))


class Series(models.Model):
    """Conferences that one committee or association runs, with a team of its own."""

    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    slug = models.SlugField(_("web address"), max_length=120, unique=True)
    # The acts that a second person of the team has to confirm.
    needs_consent = models.JSONField(_("acts that need a second person"), default=list, blank=True)
    created_by = acting_person(_("created by"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["name", "pk"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


def one_scope(prefix: str) -> models.CheckConstraint:
    """A row belongs to a series or to a conference."""
    return models.CheckConstraint(
        condition=Q(series=None, conference__isnull=False) | Q(series__isnull=False, conference=None),
        name=f"{prefix}_one_scope",
    )


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    def get_by_natural_key(self, series: str, conference: str, email: str) -> "TeamMember":
        scope = {"series__slug": series} if series else {"conference__slug": conference}
        return self.get(person__email=email, **scope)

    def of_team(self, scope: models.Model) -> "TeamMemberQuerySet":
        return self.filter(**scope_columns(scope))

    def running(self, scope: Any) -> "TeamMemberQuerySet":
        """Those with a role in it; in a conference, also those with one in its series."""
        series = getattr(scope, "series_id", None)
        return self.of_team(scope) | self.filter(series=series) if series else self.of_team(scope)

    def owners(self) -> "TeamMemberQuerySet":
        """Those who can log in."""
        return self.filter(role=Role.OWNER, person__is_active=True)


class TeamMember(models.Model):
    """A person's role in a series, which covers all its conferences, or in one conference."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="team_members", verbose_name=_("person")
    )
    series = models.ForeignKey(
        Series, models.CASCADE, null=True, blank=True, related_name="team", verbose_name=_("series")
    )
    conference = models.ForeignKey(
        "conferences.Conference",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="team",
        verbose_name=_("conference"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    added_by = acting_person(_("added by"))

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        ordering = ["joined_at", "pk"]
        default_permissions = ("change", "view")
        constraints = [
            one_scope("team_member"),
            # A unique column allows any number of nulls.
            models.UniqueConstraint(fields=["person", "series"], name="team_member_once_in_series"),
            models.UniqueConstraint(fields=["person", "conference"], name="team_member_once_in_conference"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def natural_key(self) -> tuple[str, str, str]:
        series = self.series.slug if self.series else ""
        return (series, self.conference.slug if self.conference else "", self.person.email)

    natural_key.dependencies = ["conferences.series", "conferences.conference"]  # type: ignore[attr-defined]

    @property
    def scope(self) -> Any:
        """The series or the conference."""
        return self.series or self.conference


class TeamInvitationQuerySet(models.QuerySet["TeamInvitation"]):
    def get_by_natural_key(self, token_digest: str) -> "TeamInvitation":
        return self.get(token_digest=token_digest)

    def of_team(self, scope: models.Model) -> "TeamInvitationQuerySet":
        return self.filter(**scope_columns(scope))

    def unanswered(self) -> "TeamInvitationQuerySet":
        """Neither accepted, declined nor withdrawn; they may have expired."""
        return self.filter(accepted_at=None, declined_at=None, withdrawn_at=None)

    def to_person(self, user: User) -> "TeamInvitationQuerySet":
        """Those to the addresses that this person has confirmed."""
        own = EmailAddress.objects.filter(user=user, verified=True).values("email")
        linked = LinkedAddress.objects.filter(user=user).values("email")
        return self.filter(Q(email__in=own) | Q(email__in=linked))


class TeamInvitation(models.Model):
    """An email that offers a person a role. The link in it works once, for the owner of that address."""

    email = EmailAddressField(_("email address"))
    series = models.ForeignKey(
        Series,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="team_invitations",
        verbose_name=_("series"),
    )
    conference = models.ForeignKey(
        "conferences.Conference",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="team_invitations",
        verbose_name=_("conference"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = acting_person(_("invited by"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = TeamInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to teams")
        ordering = ["sent_at", "pk"]
        default_permissions = ()
        constraints = [one_scope("team_invitation")]

    def __str__(self) -> str:
        return str(self.email)

    def natural_key(self) -> tuple[str]:
        return (self.token_digest,)

    natural_key.dependencies = ["conferences.series", "conferences.conference"]  # type: ignore[attr-defined]

    @property
    def scope(self) -> Any:
        return self.series or self.conference


def scope_columns(scope: models.Model) -> dict[str, Any]:
    """The columns of a row that belongs to this series or conference."""
    return {"series": scope} if isinstance(scope, Series) else {"conference": scope}
