"""One email to many: Django writes its bytes once, and each recipient's parts are put into them.

The result is what Django writes for this recipient, but for the boundaries. Where that depends on more than
the parts themselves, Django writes the email.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT

from confbox.kit.email_bytes import fits_unfolded

LINE_END = "\r\n"
QUOTED_PRINTABLE = b"\r\nContent-Transfer-Encoding: quoted-printable\r\n"
# What Python folds by its length alone: it has no place to be broken at.
ONE_WORD = re.compile(r"[!-+\--:<-~]+")
SHAPES_KEPT = 64


@dataclass(frozen=True)
class Own:
    """What only one recipient's email contains, by names: whole values of headers, and pieces of the body."""

    headers: dict[str, str]
    body: dict[str, str]

    def shape(self) -> tuple[object, ...]:
        """Whatever of these decides how everything around them is written."""
        headers = (0 if fits_unfolded(*header) else len(header[1]) for header in self.headers.items())
        return (*self.headers, *headers, *self.body, *(text.isascii() for text in self.body.values()))

    def is_plain(self) -> bool:
        headers = all(fits_unfolded(*h) or ONE_WORD.fullmatch(h[1]) for h in self.headers.items())
        return headers and all(text.isprintable() for text in self.body.values())

    def values(self) -> dict[str, bytes]:
        return {name: text.encode() for name, text in (self.headers | self.body).items()}


@dataclass
class _Written:
    """The bytes between the parts, and which part follows each of them but the last."""

    between: list[bytes]
    names: list[str]
    # Of each line with pieces of the body: its bytes without them, and how many they are.
    lines: list[tuple[int, int]] = field(default_factory=list)

    def has_room_for(self, longest: int) -> bool:
        return all(own + count * longest <= RFC5322_EMAIL_LINE_LENGTH_LIMIT for own, count in self.lines)

    def with_values(self, values: dict[str, bytes]) -> bytes:
        pieces = self.between * 2
        pieces[::2], pieces[1::2] = self.between, [*(values[name] for name in self.names), b""]
        return b"".join(pieces)


def written_by_django(email: EmailMessage) -> bytes:
    message: Any = email.message()
    return bytes(message.as_bytes(linesep=LINE_END))


class EmailPattern:
    """`compose` makes the email from the parts; it puts each of them in as it is."""

    def __init__(self, compose: Callable[[Own], EmailMessage]) -> None:
        self._compose = compose
        self._shapes: dict[tuple[object, ...], _Written | None] = {}

    def written(self, own: Own) -> bytes:
        written = self._written(own) if own.is_plain() else None
        if written:
            values = own.values()
            if written.has_room_for(max((len(values[name]) for name in own.body), default=0)):
                return written.with_values(values)
        return self._by_django(own)

    def _by_django(self, own: Own) -> bytes:
        return written_by_django(self._compose(own))

    def _written(self, own: Own) -> _Written | None:
        shape = own.shape()
        if shape not in self._shapes and len(self._shapes) < SHAPES_KEPT:
            self._shapes[shape] = self._with_marks(own)
        return self._shapes.get(shape)

    def _with_marks(self, own: Own) -> _Written | None:
        headers = {name: _mark(name, value) for name, value in own.headers.items()}
        body = {name: token_hex(16) + ("" if text.isascii() else "é") for name, text in own.body.items()}
        content = self._by_django(Own(headers, body))
        if QUOTED_PRINTABLE in content:
            return None
        names = {mark.encode(): name for name, mark in (headers | body).items()}
        found = re.split(b"(%b)" % b"|".join(names), content)
        if sum(names[mark] in headers for mark in found[1::2]) != len(headers):
            return None
        marks = [mark.encode() for mark in body.values()]
        lines = [
            (len(line) - sum(line.count(mark) * len(mark) for mark in marks), count)
            for line in content.split(LINE_END.encode())
            if (count := sum(map(line.count, marks)))
        ]
        return _Written(found[::2], [names[mark] for mark in found[1::2]], lines)


def _mark(name: str, value: str) -> str:
    """Of the same length, if the length decides how it is folded."""
    mark = token_hex(16)
    return mark if fits_unfolded(name, value) else mark.ljust(len(value), "x")
