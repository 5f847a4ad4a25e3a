"""The envelope sender of an email, to which a mail server returns it (VERP).

If BOUNCE_ADDRESS is bounces@example.org, an email leaves from bounces+TOKEN@example.org. The token is signed
and shows on which day to which mailbox it went, so that no one can report another mailbox as unreachable, and
whether its recipients depend on who has voted.
It is the same at every attempt of a day, so that a mail server that delays unknown senders (greylisting)
recognises the sender.
"""

from base64 import b32decode, b32encode
from binascii import Error as NotBase32Error
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from confbox.kit.mailbox_digests import mailbox_digest, mailbox_digests
from confbox.kit.provider_headers import provider_headers

LASTS_DAYS = 14
# Bytes of a token: whether it may mark, which letter, which day, which mailbox, the signature.
# 25 bytes are 40 letters.
MARK, LETTER, DAY, MAILBOX, SIGNATURE = 1, 4, 2, 8, 10
LENGTH = MARK + LETTER + DAY + MAILBOX + SIGNATURE
EPOCH = date(1970, 1, 1)
SALT = "confbox.kit.bounce_addresses"


class Returned(NamedTuple):
    """What the token of a returned email shows.

    `may_mark`: the email went to people whether or not they had voted, so that what came of it is no secret.
    """

    token: str
    mailbox: str
    sent_on: date
    may_mark: bool

    def went_to(self, address: str) -> bool:
        return self.mailbox in tokens_of_mailbox(address)


def tokens_of_mailbox(address: str) -> list[str]:
    """The part of a token that names the mailbox, by each secret key."""
    return [digest[: MAILBOX * 2] for digest in mailbox_digests(address)]


def set_bounce_address(message: EmailMessage, *, may_mark: bool = False) -> EmailMessage:
    """Gives an email to one recipient its envelope sender; recipients see the same From as before."""
    if settings.BOUNCE_ADDRESS and len(message.to) == 1 and "From" not in message.extra_headers:
        letter = message.extra_headers.get("Message-ID") or f"{message.subject}\n{message.body}"
        sender = bounce_address_for(message.to[0], letter, may_mark=may_mark)
        own = {"From": message.from_email, **provider_headers(sender)}
        message.extra_headers, message.from_email = {**message.extra_headers, **own}, sender
    return message


def bounce_address_for(address: str, letter: str, *, may_mark: bool) -> str:
    """The envelope sender of what has this Message-ID or text; empty if the site has no such addresses."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{_token_for(address, letter, may_mark)}@{domain}"


def returned_to(address: str) -> Returned | None:
    """What the email that came back to this address was; None if the token is not ours or has expired."""
    local, _, domain = address.strip().lower().rpartition("@")
    name, _, token = local.partition("+")
    if not settings.BOUNCE_ADDRESS or f"{name}@{domain}" != settings.BOUNCE_ADDRESS.lower():
        return None
    try:
        raw = b32decode(token.upper())
    except (NotBase32Error, ValueError):
        return None
    signed, signature = raw[:-SIGNATURE], raw[-SIGNATURE:]
    if len(raw) != LENGTH or not _is_signature(signed, signature):
        return None
    day = int.from_bytes(signed[MARK + LETTER :][:DAY], "big")
    if not 0 <= _today() - day <= LASTS_DAYS:
        return None
    # Not as it is spelled: `ſ` is read as an s, too.
    token, sent_on = b32encode(raw).decode().lower(), EPOCH + timedelta(days=day)
    return Returned(token, signed[-MAILBOX:].hex(), sent_on, bool(signed[0]))


def _token_for(address: str, letter: str, may_mark: bool) -> str:
    signed = bytes([may_mark])
    signed += salted_hmac(f"{SALT}.letter", f"{address}\n{letter}", algorithm="sha256").digest()[:LETTER]
    signed += _today().to_bytes(DAY, "big")
    signed += bytes.fromhex(mailbox_digest(address))[:MAILBOX]
    return b32encode(signed + _signature(signed, settings.SECRET_KEY)).decode().lower()


def _today() -> int:
    return int(timezone.now().timestamp()) // 86400


def _is_signature(signed: bytes, signature: bytes) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(signature, _signature(signed, key)) for key in keys)


def _signature(signed: bytes, key: str) -> bytes:
    return salted_hmac(SALT, signed, secret=key, algorithm="sha256").digest()[:SIGNATURE]
