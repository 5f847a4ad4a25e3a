import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conferences.series.models import Series, one_scope, scope_columns


def new_event_id() -> str:
    return f"evt_{secrets.token_hex(16)}"


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def of_scope(self, scope: models.Model) -> "WebhookEndpointQuerySet":
        """Those of this series or conference itself."""
        return self.filter(**scope_columns(scope))

    def kept(self) -> "WebhookEndpointQuerySet":
        return self.filter(deleted_at=None)

    def on(self) -> "WebhookEndpointQuerySet":
        return self.kept().filter(switched_off_at=None)


class WebhookEndpoint(models.Model):
    """A URL of another program that is notified of events of a conference, or of all those of a series."""

    class Format(models.TextChoices):
        JSON = "json", _("JSON, for programs")
        SLACK = "slack", _("Message in Slack")
        MATTERMOST = "mattermost", _("Message in Mattermost")
        MATRIX = "matrix", _("Message in Matrix, through Hookshot")
        DISCORD = "discord", _("Message in Discord")

    class Off(models.TextChoices):
        """Why it is switched off."""

        BY_HAND = "by_hand", _("A person of the team switched it off.")
        FAILING = "failing", _("It accepted nothing for five days.")
        GONE = "gone", _("It answered that it is gone (410).")
        MERGED = "merged", _("Its conference was merged into this one.")

    series = models.ForeignKey(
        Series, models.CASCADE, null=True, blank=True, related_name="webhooks", verbose_name=_("series")
    )
    conference = models.ForeignKey(
        "conferences.Conference",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="webhooks",
        verbose_name=_("conference"),
    )
    # The URL of a chat room is a secret, as anyone who has it can write there; only its host is shown.
    encrypted_url = models.TextField()
    host = models.CharField(_("host"), max_length=255)
    format = models.CharField(_("format"), max_length=12, choices=Format.choices, default=Format.JSON)
    # The names of the events that it is notified of.
    events = models.JSONField(_("events"), default=list)
    # In which messages in a chat are written.
    language = models.CharField(_("language"), max_length=10)
    encrypted_secret = models.TextField()
    # After a change of the secret, the one before also signs until this time.
    encrypted_old_secret = models.TextField(blank=True, default="")
    old_secret_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # Its row is deleted a day later: until then, events that are being stored may refer to it.
    deleted_at = models.DateTimeField(null=True)
    switched_off_at = models.DateTimeField(_("switched off"), null=True)
    switched_off_because = models.CharField(max_length=8, choices=Off.choices, blank=True, default="")
    # Since the first failure after the last success.
    failing_since = models.DateTimeField(_("failing since"), null=True)
    # After a failure, not before this time.
    next_attempt_at = models.DateTimeField(null=True)
    # Which worker is sending to it, and until when no other one may.
    claim = models.CharField(max_length=32, blank=True, default="")
    claimed_until = models.DateTimeField(null=True)

    objects = WebhookEndpointQuerySet.as_manager()

    @property
    def is_for_programs(self) -> bool:
        """Whether what receives its messages can check the signature; a chat cannot."""
        return self.format == self.Format.JSON

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [one_scope("webhook_endpoint")]

    def __str__(self) -> str:
        return self.host

    @property
    def scope(self) -> Any:
        """The series or the conference."""
        return self.series or self.conference

    @property
    def is_on(self) -> bool:
        return self.switched_off_at is None

    def has_old_secret(self, now: datetime) -> bool:
        return self.old_secret_until is not None and now < self.old_secret_until


class WebhookEvent(models.Model):
    """What happened, stored in the transaction in which it happened, if a webhook is to be notified of it.

    Without personal data, and nothing from which a vote can be derived.
    """

    public_id = models.CharField(max_length=40, default=new_event_id)
    kind = models.CharField(_("event"), max_length=40)
    conference = models.ForeignKey(
        "conferences.Conference", models.CASCADE, null=True, related_name="webhook_events"
    )
    data = models.JSONField()
    at = models.DateTimeField(_("when"))
    # Names what can happen only once.
    occasion = models.CharField(max_length=80, unique=True, default=new_event_id)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        indexes = [models.Index(fields=["at"], name="webhook_event_at")]

    def __str__(self) -> str:
        return self.public_id


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def waiting(self) -> "WebhookMessageQuerySet":
        return self.filter(state=WebhookMessage.State.WAITING)


class WebhookMessage(models.Model):
    """One event for one endpoint. The oldest that waits is sent first; later ones wait for it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", pgettext_lazy("a message", "Accepted")
        GIVEN_UP = "given_up", _("Given up")
        SKIPPED = "skipped", _("Not sent")

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="messages")
    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="messages")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # How often it was tried since it last began to wait.
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to a webhook")
        verbose_name_plural = _("messages to webhooks")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_message_once_to_each")
        ]
        indexes = [models.Index(fields=["state", "endpoint", "id"], name="webhook_message_waiting")]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"


class WebhookAttempt(models.Model):
    """One request and what was answered."""

    class Error(models.TextChoices):
        NONE = "", ""
        URL = "url", _("The URL is not allowed.")
        HOST = "host", _("The name of the host was not found, or leads to an address that is not public.")
        CONNECTION = "connection", _("No secure connection could be made, or it broke.")
        CERTIFICATE = "certificate", _("Its certificate is not valid.")
        TIMEOUT = "timeout", _("There was no complete answer within five seconds.")
        PROTOCOL = "protocol", _("The answer was not HTTP.")
        REDIRECT = "redirect", _("It leads to another URL, which is not followed.")
        STATUS = "status", _("It did not accept the request.")
        SECRET = "secret", _("Its secret can no longer be read, because the key of this site has changed.")

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("when"))
    milliseconds = models.PositiveIntegerField(_("duration"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(max_length=12, choices=Error.choices, blank=True, default="")
    request = models.TextField(_("request"))
    # Its beginning.
    answer = models.TextField(_("answer"), blank=True, default="")

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        default_permissions = ()
        indexes = [models.Index(fields=["at"], name="webhook_attempt_at")]

    def __str__(self) -> str:
        return f"{self.message} {self.at}"
