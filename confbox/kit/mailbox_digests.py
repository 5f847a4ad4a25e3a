"""The mailbox behind an email address: several addresses can lead to one."""

import re

from django.conf import settings
from django.utils.crypto import salted_hmac

from confbox.kit.email_addresses import normalise_email

GOOGLE = {"gmail.com", "googlemail.com"}
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def mailbox_of(address: str) -> str:
    """The mailbox: without a plus tag, and at Google without dots and under one domain.

    Quotes around the local part change nothing (RFC 5321). A plus sign at its beginning does not start a
    tag:
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
    """A digest that recognises the mailbox, and reveals nothing without the site's secret key."""
    return mailbox_digests(address)[0]


def mailbox_digests(address: str) -> list[str]:
    """Digests by the current secret key and by previous keys that are still configured."""
    mailbox = mailbox_of(address)
    return [
        salted_hmac("confbox.kit.mailbox_digests", mailbox, secret=key, algorithm="sha256").hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
