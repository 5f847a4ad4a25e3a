"""A worker's connection to the mail server, for the emails of one campaign."""

import logging
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from confbox.kit.bounce_addresses import bounce_address_for, set_bounce_address
from confbox.kit.provider_headers import provider_headers
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending.outcomes import SENT, Outcome, outcome_of
from voting.campaigns.sending.smtp import EmailBackend, Envelope, envelope_address

logger = logging.getLogger(__name__)

DJANGOS_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def mailer_for(campaign: Campaign) -> "Mailer | SmtpMailer":
    kind = SmtpMailer if settings.EMAIL_BACKEND == DJANGOS_SMTP else Mailer
    return kind(campaign)


class Mailer:
    """For an email backend without connections: a new object for each email."""

    email: Any

    def __init__(self, campaign: Campaign) -> None:
        # What comes back of a reminder marks no address: that would reveal who has not voted.
        self.may_mark = not kind_of(campaign).secret_audience
        self.emails = CampaignEmails(campaign)

    def open(self) -> Outcome | None:
        """Returns what went wrong, if anything did."""
        return None

    def prepare(self, delivery: Delivery) -> None:
        """Composes the next email. Nothing of its content leaves before `send`."""
        self.email = set_bounce_address(self.emails.to(delivery), may_mark=self.may_mark)

    def withdraw(self) -> None:
        """The email that was prepared must not be sent."""

    def send(self) -> Outcome:
        try:
            get_connection().send_messages([self.email])
        except Exception as error:  # noqa: BLE001  # recorded as the outcome
            return _not_accepted(error, may_have_left=True)
        return SENT

    def close(self) -> None: ...


class SmtpMailer(Mailer):
    """One connection to the mail server, which is asked while the database stores what has been sent."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(campaign)
        self.smtp = EmailBackend()
        self.sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        self.broken: Exception | None = None

    def open(self) -> Outcome | None:
        try:
            self.smtp.open()
        except Exception as error:  # noqa: BLE001  # recorded as the outcome
            return outcome_of(error, may_have_left=False)
        return None

    def prepare(self, delivery: Delivery) -> None:
        write = self.emails.writer_to(delivery)
        self.broken = None
        try:
            self.email = self._envelope(delivery, write)
            self.smtp.announce(self.email)
        except Exception as error:  # noqa: BLE001  # the outcome of this email, once it is begun
            self.broken = error

    def _envelope(self, delivery: Delivery, write: Callable[[str, dict[str, str]], bytes]) -> Envelope:
        message_id, address = delivery.message_id, delivery.address
        sender = bounce_address_for(address, message_id, may_mark=self.may_mark)
        content = write(message_id, provider_headers(sender) if sender else {})
        return Envelope(envelope_address(sender or self.sender), envelope_address(address), content)

    def withdraw(self) -> None:
        self.smtp.withdraw()

    def send(self) -> Outcome:
        if self.broken:
            return _not_accepted(self.broken, may_have_left=False)
        try:
            self.smtp.hand_over(self.email)
        except Exception as error:  # noqa: BLE001  # recorded as the outcome
            return _not_accepted(error, may_have_left=self.smtp.may_have_sent())
        return SENT

    def close(self) -> None:
        try:
            self.smtp.close()
        except OSError:
            logger.info("The mail server closed the connection without a reply to QUIT.")


def _not_accepted(error: Exception, *, may_have_left: bool) -> Outcome:
    logger.info("A campaign email was not accepted: %s", error)
    return outcome_of(error, may_have_left=may_have_left)
