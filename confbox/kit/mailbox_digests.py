"""The mailbox behind an address: several addresses lead to one."""

import re

from django.conf import settings
from django.utils.crypto import salted_hmac

from confbox.kit.email_addresses import normalise_email

GOOGLE = {"gmail.com", "googlemail.com"}
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def mailbox_of(address: str) -> str:
    """The mailbox behind an address: without a plus tag, and at Google without dots and under one domain.

    Quotes around the local part change nothing (RFC 5321). A plus sign at its beginning starts no tag:
    nothing would be left, and all such addresses of a domain would be one mailbox.
    """
    local, _, domain = normalise_email(address).rpartition("@")
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        local = QUOTED_PAIR.sub(r"\1", local[1:-1])
    local = local[:1] + local[1:].partition("+")[0]
    if domain in GOOGLE:
        return (local.replace(".", "") or local) + "@gmail.com"
    return f"{local}@{domain}"


def mailbox_digest(address: str) -> str:
    """What tells the mailbox again and nothing else to whoever lacks the site's secret key."""
    return mailbox_digests(address)[0]


def mailbox_digests(address: str) -> list[str]:
    """By the present secret key, and by those before it that are still known."""
    mailbox = mailbox_of(address)
    return [
        salted_hmac("confbox.kit.mailbox_digests", mailbox, secret=key, algorithm="sha256").hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
