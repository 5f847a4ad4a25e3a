"""Django's SMTP connection, which knows whether an email may have been sent when it breaks."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class _Watched(smtplib.SMTP):
    body_begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.body_begun = True
        return super().data(msg)


class _WatchedOverTls(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    connection: _Watched | None

    def expect_nothing_sent(self) -> None:
        if self.connection:
            self.connection.body_begun = False

    def may_have_sent(self) -> bool:
        """Whether sending the body of an email has begun since `expect_nothing_sent`."""
        return bool(self.connection and self.connection.body_begun)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedOverTls if self.use_ssl else _Watched
