"""Emails of which there are many: the bytes that Django writes, but for their boundaries, for less work.

Python folds each header as if it could be of any language and length, and looks through the whole text for
a boundary that is not in it. Most headers are short and ASCII, and 128 random bits are in no text.
"""

from email._policybase import Compat32
from secrets import token_hex
from typing import Any

from django.core.mail import EmailMultiAlternatives

LONGEST_LINE = 78


class _ShortHeaders(Compat32):
    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and fits_unfolded(name, value):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def fits_unfolded(name: str, value: str) -> bool:
    """Whether the header is written as one line that is exactly this."""
    return len(name) + 2 + len(value) <= LONGEST_LINE and value.isascii() and value.isprintable()


POLICY = _ShortHeaders()


class OneOfMany(EmailMultiAlternatives):
    def message(self, **options: Any) -> Any:
        """What Django makes, ready to be written at once."""
        message = super().message(**options)
        for part in message.walk():
            part.policy = POLICY
            if part.is_multipart():
                part.set_boundary(token_hex(16))
        return message
