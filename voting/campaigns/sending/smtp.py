"""Django's SMTP connection, which knows whether an email may have been sent when it breaks.

With a mail server that offers it, the commands before an email's content leave together (PIPELINING,
RFC 2920), and their replies are read when the content is sent.
"""

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

# Most addresses: nothing in them has to be quoted or encoded.
PLAIN = re.compile(
    r"[A-Za-z0-9_+=-]+(\.[A-Za-z0-9_+=-]+)*@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", re.ASCII
)
CLOSING = 421
Reply = tuple[int, bytes]


@dataclass(frozen=True)
class Envelope:
    sender: str
    recipient: str
    content: bytes

    def is_plain(self) -> bool:
        return bool(PLAIN.fullmatch(self.sender) and PLAIN.fullmatch(self.recipient))


class _Watched(smtplib.SMTP):
    body_begun = False
    announced: Envelope | None = None

    def data(self, msg: Any) -> Reply:
        self.body_begun = True
        return super().data(msg)

    def announce(self, email: Envelope) -> None:
        """Asks whether the email is accepted, if all commands can be sent at once."""
        self.body_begun = False
        self.ehlo_or_helo_if_needed()
        if email.is_plain() and self.has_extn("pipelining"):
            size = f" size={len(email.content)}" if self.has_extn("size") else ""
            self.send(f"mail FROM:<{email.sender}>{size}\r\nrcpt TO:<{email.recipient}>\r\ndata\r\n")
            self.announced = email

    def hand_over(self, email: Envelope) -> None:
        """Raises what `sendmail` raises."""
        if self.announced is not email:
            self.sendmail(email.sender, [email.recipient], email.content)
            return
        self.announced = None
        mail, rcpt, data = self.getreply(), self.getreply(), self.getreply()
        if refusal := _refusal(email, mail, rcpt, data):
            self._end_refused(rcpt, data)
            raise refusal
        self.body_begun = True
        self.send(email.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        reply = self.getreply()
        if reply[0] != 250:
            self._end(reply)
            raise smtplib.SMTPDataError(*reply)

    def _end_refused(self, rcpt: Reply, data: Reply) -> None:
        if data[0] != 354:
            self._end(rcpt, data)
        elif rcpt[0] in (250, 251):
            self.close()
        else:
            # The server waits for content: an empty one, which goes to no one (RFC 2920, 3.1).
            self.send(b".\r\n")
            self.getreply()

    def _end(self, *replies: Reply) -> None:
        """As `sendmail` does."""
        if any(code == CLOSING for code, _words in replies):
            self.close()
        else:
            with suppress(smtplib.SMTPServerDisconnected):
                self.rset()


def _refusal(email: Envelope, mail: Reply, rcpt: Reply, data: Reply) -> smtplib.SMTPException | None:
    if mail[0] != 250:
        return smtplib.SMTPSenderRefused(*mail, email.sender)
    if rcpt[0] not in (250, 251):
        return smtplib.SMTPRecipientsRefused({email.recipient: rcpt})
    return smtplib.SMTPDataError(*data) if data[0] != 354 else None


class _WatchedOverTls(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    connection: _Watched | None

    def announce(self, email: Envelope) -> None:
        self.open()
        if self.connection:
            self.connection.announce(email)

    def hand_over(self, email: Envelope) -> None:
        if self.connection:
            self.connection.hand_over(email)

    def withdraw(self) -> None:
        """What was announced is not sent after all."""
        if self.connection and self.connection.announced:
            self.connection.close()
            self.connection = None

    def may_have_sent(self) -> bool:
        """Whether sending the content of the last email has begun."""
        return bool(self.connection and self.connection.body_begun)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedOverTls if self.use_ssl else _Watched


def envelope_address(address: str) -> str:
    """As Django sends it to the mail server."""
    plain = PLAIN.fullmatch(address)
    return address if plain else sanitize_address(address, settings.DEFAULT_CHARSET)
