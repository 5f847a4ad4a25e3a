"""Headers of every email that the site sends automatically."""

from email.utils import make_msgid, parseaddr, quote
from functools import lru_cache

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from confbox.kit.email_addresses import normalise_email, without_invisible_characters

# Lists of emails show about this much of a sender.
LONGEST_NAME = 60
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def sender_domain() -> str:
    """The domain of the site's sender in its ASCII form."""
    return _domain_of(settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=8)
def _domain_of(sender: str) -> str:
    return normalise_email(parseaddr(sender)[1]).rpartition("@")[2] or "localhost"


def automatic_headers() -> dict[str, str]:
    """A message ID at the sender's own domain, and a mark that keeps auto-responders quiet (RFC 3834)."""
    return {"Message-ID": make_msgid(domain=sender_domain()), **AUTOMATIC}


def mailbox(name: str, address: str) -> str:
    """One mailbox for a header, whatever characters are in the name; Django encodes them."""
    plain = Truncator(without_invisible_characters(name)).chars(LONGEST_NAME, truncate="…")
    return f'"{quote(plain)}" <{address}>' if plain else address


def sender_via(name: str) -> str:
    """The site's own address, with this name "via" the site, in the active language."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    known = {"name": Truncator(name).chars(LONGEST_NAME, truncate="…"), "site": settings.SITE_NAME}
    shown = without_invisible_characters(_("%(name)s via %(site)s") % known)
    return f'"{quote(shown)}" <{address}>'
