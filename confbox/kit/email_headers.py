"""Headers of every email that the site sends automatically."""

from email.utils import make_msgid, parseaddr

from django.conf import settings

from confbox.kit.email_addresses import normalise_email


def sender_domain() -> str:
    """The domain of the site's sender in its ASCII form."""
    address = normalise_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    return address.rpartition("@")[2] or "localhost"


def automatic_headers() -> dict[str, str]:
    """A message ID at the sender's own domain, and a mark that keeps auto-responders quiet (RFC 3834)."""
    return {"Message-ID": make_msgid(domain=sender_domain()), "Auto-Submitted": "auto-generated"}
