"""What a mail server's reply means, for campaigns and for all other emails."""

import re
import smtplib
from dataclasses import dataclass
from enum import Enum

LONGEST = 500
CLOSING = 421
NO_SUCH_ADDRESS = {550, 551, 553, 556}
# 5.1 but for the sender's address (5.1.7, 5.1.8), and a disabled mailbox; not 5.7 (policy).
REFUSES_ADDRESS = re.compile(r"5\.(1\.(?![78]$)\d{1,3}|2\.1)")


class Meaning(Enum):
    # It can be sent again as it is.
    LATER = "later"
    REFUSED = "refused"
    # There was no reply: the server could not be reached, or the connection broke.
    NONE = "none"


class About(Enum):
    RECIPIENT = "recipient"
    EMAIL = "email"
    # It would answer any email of ours like this.
    US = "us"


@dataclass(frozen=True)
class Reply:
    meaning: Meaning
    about: About
    words: str
    code: int | None = None

    @property
    def is_permanent(self) -> bool:
        return self.code is not None and self.code >= 500

    @property
    def names_no_mailbox(self) -> bool:
        """Whether it refuses the email address, not what we sent."""
        if self.about is not About.RECIPIENT or self.meaning is not Meaning.REFUSED:
            return False
        detail = self.words.split()[1] if len(self.words.split()) > 1 else ""
        if detail.startswith("5.") and detail.count(".") == 2:
            return bool(REFUSES_ADDRESS.fullmatch(detail))
        return self.code in NO_SUCH_ADDRESS


def reply_in(error: Exception) -> Reply:
    """The reply for which an attempt to send one email to one recipient ended in this error."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _reply(code, answer, About.RECIPIENT)
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPAuthenticationError):
        return _reply(error.smtp_code, error.smtp_error, About.US)
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error, About.EMAIL)
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError | TypeError):
        return Reply(Meaning.REFUSED, About.EMAIL, _words(None, str(error)))
    return Reply(Meaning.NONE, About.US, _words(None, str(error)))


def _reply(code: int, answer: bytes | str, about: About) -> Reply:
    meaning = Meaning.LATER if 400 <= code < 500 else Meaning.REFUSED
    return Reply(meaning, About.US if code == CLOSING else about, _words(code, answer), code)


def _words(code: int | None, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(f"{code or ''} {text}".split())[:LONGEST]
