import unicodedata
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.idempotency.models import KeptAnswer as KeptAnswer
from confbox.kit.email_addresses import ENDS_INVENTED, STARTS_INVENTED, EmailAddressField, normalise_email
from confbox.kit.sorting import LastWords, in_order
from confbox.kit.text_fields import LongText, MarkdownText
from confbox.kit.validators import validate_encodable, validate_name, validate_one_line, validate_time_zone


def opaque_password(typed: str) -> str:
    """The form in which a password is hashed and compared (RFC 8265, OpaqueString).

    Keyboards and systems differ in how they compose an ä and in which space character they type.
    """
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in typed)
    return unicodedata.normalize("NFC", spaced)


def small_name(picture: str) -> str:
    """The file name of the small copy of a picture."""
    return picture.removesuffix(".webp") + "-small.webp"


NAMES = "sort_name", "from_last_word", "from_second_last_word"
INDEXED = (*NAMES, "is_active", "profession", "phone", "signup_network")


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def real(self) -> "UserQuerySet":
        """Without those who are invented for a rehearsal."""
        return self.exclude(pk__in=User.objects.invented().values("pk"))

    def invented(self) -> "UserQuerySet":
        """Those who are invented for a rehearsal, by the index of the addresses."""
        after = STARTS_INVENTED[:-1] + chr(ord(STARTS_INVENTED[-1]) + 1)
        return self.filter(email__gte=STARTS_INVENTED, email__lt=after, email__endswith=ENDS_INVENTED)


class Users(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **columns: Any) -> "User":
        user: User = self.model(email=normalise_email(email), **columns)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **columns: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **columns)

    def get_by_natural_key(self, email: str) -> "User":
        user: User = self.get(email=normalise_email(email))
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The email address is the log-in; there is no user name."""

    email = EmailAddressField(
        _("email address"), unique=True, error_messages={"unique": _("This email address is already in use.")}
    )
    name = models.CharField(_("name"), max_length=150, validators=[validate_name])
    phone = models.CharField(
        _("phone"),
        max_length=40,
        blank=True,
        validators=[validate_one_line],
        help_text=_("Only you and the administrators of this site can see it."),
    )
    profession = models.CharField(
        _("profession"),
        max_length=150,
        blank=True,
        validators=[validate_one_line],
        help_text=_("For example: database engineer, nurse, teacher."),
    )
    shows_profession = models.BooleanField(_("show my profession to members"), default=True)
    bio = MarkdownText(
        _("about you"),
        max_length=5000,
        blank=True,
        validators=[validate_encodable],
        help_text=_("You can use Markdown."),
    )
    shows_bio = models.BooleanField(_("show what I write about myself to members"), default=True)
    picture = models.ImageField(_("picture"), upload_to="pictures", blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("admin access"), default=False)
    receives_campaigns = models.BooleanField(
        _("receives campaign emails"),
        default=True,
        help_text=_("Emails in which candidates at your conferences introduce themselves."),
    )
    receives_notices = models.BooleanField(
        _("receives emails about their conferences"),
        default=True,
        help_text=_("When voting opens, and before it closes if you have not voted."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_(
            "Used for times that concern your account. A conference's times are in its own time zone."
        ),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        help_text=_("Leave empty to use the language of your browser."),
    )
    # One half of the secret in the URL of the person's calendar; empty if there is no such URL.
    calendar_key = models.CharField(max_length=32, blank=True, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # A network, not an IP address; kept so that organisers see when many people sign up from one place.
    signup_network = models.CharField(_("network at sign-up"), max_length=50, blank=True, editable=False)
    # The name in alphabetical order, and from its last words on.
    sort_name = in_order(F("name"))
    from_last_word = in_order(LastWords(F("name"), 1))
    from_second_last_word = in_order(LastWords(F("name"), 2))

    # Whether they are in a team that runs a conference or series; None: the row was read without asking.
    is_in_team: bool | None = None

    objects = Users()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [("disable_user", "Can disable and enable people")]
        indexes = [models.Index(fields=[column], name=f"user_{column}") for column in INDEXED]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.name or gettext("Unnamed person")

    @property
    def shown_profession(self) -> str:
        """The profession that other members may see."""
        return self.profession if self.shows_profession else ""

    @property
    def shown_bio(self) -> str:
        """The text about the person that other members may see."""
        return self.bio if self.shows_bio else ""

    @property
    def small_picture_url(self) -> str:
        """The picture at the size used in lists; empty if there is none."""
        return str(self.picture.storage.url(small_name(self.picture.name or ""))) if self.picture else ""

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password if raw_password is None else opaque_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Also tries the password exactly as typed, because older hashes were made from that."""
        opaque = opaque_password(raw_password or "")
        return super().check_password(opaque) or (
            bool(raw_password)
            and opaque != raw_password
            and check_password(raw_password or "", self.password)
        )

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class AdminActQuerySet(models.QuerySet["AdminAct"]):
    IS_OWN = Q(by__isnull=False, address=None) & ~Q(channel="command")

    def own(self) -> "AdminActQuerySet":
        """What people did for themselves, as `log_own_act` writes it."""
        return self.filter(self.IS_OWN)

    def of_organisers(self) -> "AdminActQuerySet":
        """The other acts; those of the command line are an organiser's."""
        return self.exclude(self.IS_OWN)


class AdminAct(models.Model):
    """An act that an organiser did, or a member for themselves. Never changed."""

    class Channel(models.TextChoices):
        WEB = "web", _("web")
        API = "api", _("API")
        COMMAND = "command", _("command line")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="admin_acts",
        verbose_name=_("who"),
        help_text=_("Empty if it was done on the server's command line."),
    )
    # A code, for filters and for the code; `accounts.audit_words` has its words.
    act = models.CharField(_("act"), max_length=60)
    kind = models.CharField(_("object"), max_length=60)
    target_id = models.CharField(_("ID"), max_length=40)
    target = models.CharField(_("concerns"), max_length=250)
    # What was done, for its readers; `{name}` is for the name of what it is about, which not all of them see.
    what = LongText(_("what was done"), blank=True, max_length=2000)
    about_kind = models.CharField(max_length=60, blank=True, editable=False)
    about_id = models.PositiveBigIntegerField(null=True, editable=False)
    reason = LongText(_("reason"), blank=True, max_length=2000)
    asked_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("requested by"),
    )
    address = models.GenericIPAddressField(_("IP address"), null=True)
    # The ID of the conference that it concerns, also after that was deleted; null: the whole site.
    of_conference = models.PositiveBigIntegerField(null=True, db_index=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.WEB)
    # The reason was written about one person.
    is_personal = models.BooleanField(default=False, editable=False)

    objects = AdminActQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["kind", "target_id"], name="admin_act_target"),
            models.Index(fields=["about_kind", "about_id"], name="admin_act_about"),
        ]

    def __str__(self) -> str:
        return self.target

    @property
    def is_own(self) -> bool:
        return bool(self.by_id) and self.address is None and self.channel != self.Channel.COMMAND


class LinkedAddress(models.Model):
    """An email address that a person has shown to be theirs, so that a ticket under it is theirs too.

    It is no log-in, and no emails go to it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="linked_addresses", verbose_name=_("person"))
    email = EmailAddressField(_("email address"))
    verified_at = models.DateTimeField(_("confirmed"), default=timezone.now)

    class Meta:
        verbose_name = _("linked address")
        verbose_name_plural = _("linked addresses")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "email"], name="linked_address_once_per_person")
        ]

    def __str__(self) -> str:
        return str(self.email)


class DisabledMailbox(models.Model):
    """The mailbox of a disabled account as a keyed digest, which keeps its other accounts out of votes."""

    digest = models.CharField(max_length=64, unique=True)
    disabled_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest
