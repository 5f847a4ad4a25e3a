"""What a mail server's reply means for one delivery and for the whole campaign."""

import smtplib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from voting.campaigns.models import Delivery

LONGEST = 500
CLOSING = 421
NO_SUCH_ADDRESS = {550, 551, 553, 556}


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended.

    `is_deferred`: try this recipient again later. `is_trouble`: the server as a whole has a problem, so the
    batch ends. `is_hopeless`: it would refuse every recipient, so the campaign pauses. `is_dead`: the email
    address itself was permanently refused.
    """

    status: Delivery.Status
    error: str = ""
    is_deferred: bool = False
    is_trouble: bool = False
    is_hopeless: bool = False
    is_dead: bool = False


SENT = Outcome(Delivery.Status.SENT)


def outcome_of(error: Exception, *, may_have_left: bool) -> Outcome:
    """The outcome of an attempt that raised this error."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _refused(code, _words(code, answer), of_address=True)
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPAuthenticationError):
        return _unwell(error.smtp_code, _words(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, _words(error.smtp_code, error.smtp_error), of_address=False)
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError | TypeError):
        return Outcome(Delivery.Status.FAILED, _words(None, str(error)))
    return _broken(str(error), may_have_left)


def _refused(code: int, words: str, *, of_address: bool) -> Outcome:
    if code == CLOSING:
        return _unwell(code, words)
    if 400 <= code < 500:
        return Outcome(Delivery.Status.QUEUED, words, is_deferred=True)
    return Outcome(Delivery.Status.FAILED, words, is_dead=of_address and _is_of_the_address(code, words))


def _is_of_the_address(code: int, words: str) -> bool:
    """Whether a refusal is about the email address and not about us: 5.1 and 5.2.1, not 5.7 (policy)."""
    detail = words.split()[1] if len(words.split()) > 1 else ""
    if detail.startswith("5.") and detail.count(".") == 2:
        return detail.startswith("5.1.") or detail == "5.2.1"
    return code in NO_SUCH_ADDRESS


def _unwell(code: int, words: str) -> Outcome:
    return Outcome(Delivery.Status.QUEUED, words, is_trouble=True, is_hopeless=code >= 500)


def _broken(words: str, may_have_left: bool) -> Outcome:
    if may_have_left:
        doubt = _("The connection broke while the email was being sent.")
        return Outcome(Delivery.Status.UNCERTAIN, f"{doubt} {words}"[:LONGEST], is_trouble=True)
    return Outcome(Delivery.Status.QUEUED, words[:LONGEST], is_trouble=True)


def _words(code: int | None, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(f"{code or ''} {text}".split())[:LONGEST]
