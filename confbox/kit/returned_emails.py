"""What a returned email reports: whom it could not reach, and whether that is permanent.

Reports by RFC 3464 and complaints by RFC 5965 are read here, the formats of other mail servers by
flufl.bounce. Anything else, such as an automatic reply, reports nothing.
"""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from enum import Enum
from typing import Any, NamedTuple

from flufl.bounce import all_failures

from confbox.kit.smtp_replies import LONGEST, NO_SUCH_ADDRESS, REFUSES_ADDRESS

logger = logging.getLogger(__name__)

# The report comes before the email that is returned with it.
READ_BYTES = 1_000_000
ENHANCED_CODE = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
NO_SUCH_DOMAIN = "5.4.4"
REFUSES_BY_BASIC_CODE = re.compile(rf"(?:smtp;\s*)?({'|'.join(map(str, sorted(NO_SUCH_ADDRESS)))})\b")
# Temporary, a full mailbox, an unreachable server; but not a policy against us (4.7).
SOFT_CODE = re.compile(r"4\.(?!7\.).*|5\.[24]\..*")


class What(Enum):
    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"


class Report(NamedTuple):
    """`sender` is the envelope sender of the email, if the report names it."""

    what: What
    addresses: tuple[str, ...]
    words: str = ""
    sender: str = ""


def report_in(raw: bytes) -> Report | None:
    try:
        return _report_in(message_from_bytes(raw[:READ_BYTES]))
    except Exception:  # anyone can send anything to this address
        logger.info("A returned email could not be read.", exc_info=True)
        return None


def report_of_reply(words: str, addresses: tuple[str, ...], *, sender: str, is_final: bool) -> Report | None:
    """A mail server's reply, as an email provider passes it on; if it is not final, the provider tries again.

    Without a status code of either kind, only the words say why, so it has to come back more often.
    """
    codes = ENHANCED_CODE.findall(words)
    what: What | None = What.SOFT
    if is_final and codes:
        what = _what(codes)
    elif is_final and REFUSES_BY_BASIC_CODE.match(words):
        what = What.HARD
    return Report(what, addresses, _visible(words)[:LONGEST], sender) if what else None


def _report_in(message: Message) -> Report | None:
    parts = message.get_payload() if message.is_multipart() else []
    for part in parts:
        if part.get_content_type() == "message/feedback-report":  # type: ignore[union-attr]
            return _complaint(part)
        if part.get_content_type() == "message/delivery-status":  # type: ignore[union-attr]
            return _delivery_status(part)
    is_automatic = _field(message, "Auto-Submitted").lower().startswith("auto-replied")
    return None if is_automatic and not message["X-Failed-Recipients"] else _other_format(message)


def _complaint(part: Any) -> Report | None:
    fields = next(_blocks(part), None)
    if fields is None or _field(fields, "Feedback-Type").lower() != "abuse":
        return None
    addresses = (_address(fields, "Original-Rcpt-To"),)
    return Report(What.COMPLAINT, addresses, sender=_address(fields, "Original-Mail-From"))


def _delivery_status(part: Any) -> Report | None:
    """Each of our emails has one recipient, so the first that failed is the one."""
    for fields in _blocks(part):
        action = _field(fields, "Action").lower()
        if action not in ("failed", "delayed"):
            continue
        reply = _field(fields, "Diagnostic-Code").partition(";")[2]
        words = " ".join(reply.split()) or _field(fields, "Status")
        codes = ENHANCED_CODE.findall(f"{words} {_field(fields, 'Status')}")
        what = What.SOFT if action == "delayed" else _what(codes)
        addresses = (_address(fields, "Original-Recipient"), _address(fields, "Final-Recipient"))
        return Report(what, addresses, words[:LONGEST]) if what else None
    return None


def _other_format(message: Message) -> Report | None:
    temporary, permanent = all_failures(message)
    if not (found := temporary | permanent):
        return None
    codes = ENHANCED_CODE.findall(_text(message))
    # Without a code, only the words say why it came back, so it has to come back more often.
    what = _what(codes) if permanent and codes else What.SOFT
    addresses = tuple(address.decode("ascii", "replace") for address in sorted(found))
    return Report(what, addresses, " ".join(codes[:1])) if what else None


def _what(codes: list[str]) -> What | None:
    """By the first enhanced status code (RFC 3463); None if the mail server objects to us or to the text."""
    code = codes[0] if codes else ""
    if REFUSES_ADDRESS.fullmatch(code) or code == NO_SUCH_DOMAIN:
        return What.HARD
    return What.SOFT if SOFT_CODE.fullmatch(code) else None


def _blocks(part: Any) -> Iterator[Message]:
    """The groups of fields in a report."""
    yield from (block for block in part.get_payload() if isinstance(block, Message))


def _field(message: Message, name: str) -> str:
    return _visible(str(message.get(name, ""))).strip()


def _address(fields: Message, name: str) -> str:
    """From `rfc822; <ann@example.org>` or `<ann@example.org>`."""
    return _field(fields, name).rpartition(";")[2].strip().strip("<>")


def _text(message: Message) -> str:
    first = next((part for part in message.walk() if part.get_content_type() == "text/plain"), None)
    body = first.get_payload(decode=True) if first else None
    return body.decode("ascii", "replace") if isinstance(body, bytes) else ""


def _visible(text: str) -> str:
    ascii_only = text.encode("ascii", "replace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in ascii_only)
