from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from confbox.kit.email_addresses import EmailAddressField
from conferences.models import Conference


class Unsubscription(models.Model):
    """A person who wants no campaign emails from one conference. `User.receives_campaigns` is for all."""

    conference = models.ForeignKey(Conference, models.CASCADE, related_name="unsubscriptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsubscriptions")
    created_at = models.DateTimeField(_("unsubscribed"), default=timezone.now)

    class Meta:
        verbose_name = _("unsubscription")
        verbose_name_plural = _("unsubscriptions")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["conference", "user"], name="unsubscription_once_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} / {self.conference}"


class UnsubscribedMailbox(models.Model):
    """A mailbox that wants no invitations, as a keyed digest: it need not belong to an account."""

    digest = models.CharField(max_length=64, unique=True)
    unsubscribed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


class UndeliverableAddress(models.Model):
    """An email address whose mail server refuses or returns emails, for 90 days.

    Its owner can confirm it again.
    """

    address = EmailAddressField(_("email address"), unique=True)
    answer = models.CharField(_("mail server's reply"), max_length=500)
    marked_at = models.DateTimeField(_("refused"), default=timezone.now)

    class Meta:
        verbose_name = _("undeliverable email address")
        verbose_name_plural = _("undeliverable email addresses")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.address)


class ReturnedEmail(models.Model):
    """A campaign email that came back, for as long as its token is valid: each counts once.

    `token` is a digest, because a token contains the digest of a mailbox. That is in `mailbox`, until its
    owner confirms the address again.
    """

    token = models.CharField(max_length=64)
    is_hard = models.BooleanField()
    mailbox = models.CharField(max_length=16, blank=True)
    sent_on = models.DateField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["token", "is_hard"], name="returned_email_counts_once")
        ]
        indexes = [models.Index(fields=["mailbox", "sent_on"], name="returned_email_mailbox")]

    def __str__(self) -> str:
        return self.token


class BounceReading(models.Model):
    """The single row that shows when something last read returned emails, or looked for some."""

    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.at)

    @classmethod
    def last(cls) -> datetime | None:
        return cls.objects.values_list("at", flat=True).first()
