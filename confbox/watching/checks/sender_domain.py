"""Whether other mail servers believe who sent the emails of the site."""

import re
from collections.abc import Callable, Iterator
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from dns import resolver
from dns.exception import DNSException, Timeout

from confbox.watching.findings import Finding, ok, warning

DNS_SECONDS = 4.0
SPF = re.compile(r"v=spf1( |$)", re.IGNORECASE)
DMARC = re.compile(r"v\s*=\s*DMARC1\s*(;|$)", re.IGNORECASE)
# An empty one was revoked.
KEY = re.compile(r"(^|;)\s*p\s*=\s*[^\s;]")
# The texts that a domain publishes under a name; none if there are none.
Look = Callable[[str], list[str]]


def sender_domain() -> Finding:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if "." not in domain:
        return warning(_("The sender is at “%(domain)s”. Set DEFAULT_FROM_EMAIL.") % {"domain": domain})
    try:
        return of_domain(domain, _texts_of)
    except (Timeout, resolver.NoNameservers, resolver.NoResolverConfiguration, OSError):
        return warning(_("The domain name system could not be asked."))
    except DNSException as error:
        said = _("The domain name system could not be asked: %(error)s")
        return warning(said % {"error": type(error).__name__})


def of_domain(domain: str, look: Look) -> Finding:
    missing = list(_missing(domain, look))
    if not missing:
        return ok(_("SPF, DKIM and DMARC of %(domain)s are set.") % {"domain": domain}, 0)
    said = _("Emails can end as spam, because these are missing at %(domain)s: %(missing)s.")
    return warning(said % {"domain": domain, "missing": ", ".join(missing)}, len(missing))


def _missing(domain: str, look: Look) -> Iterator[str]:
    yield from _unless_one("SPF", [text for text in look(domain) if SPF.match(text)])
    selector = settings.DKIM_SELECTOR
    if not selector:
        yield _("DKIM (set DKIM_SELECTOR to have it checked)")
    elif not any(KEY.search(text) for text in look(f"{selector}._domainkey.{domain}")):
        yield "DKIM"
    # A policy of the organisation’s domain holds for those below it.
    parents = [domain.split(".", n)[-1] for n in range(domain.count("."))]
    found = ([text for text in look(f"_dmarc.{each}") if DMARC.match(text)] for each in parents)
    yield from _unless_one("DMARC", next(filter(None, found), []))


def _unless_one(name: str, texts: list[str]) -> Iterator[str]:
    """Other mail servers ignore all of several (RFC 7208, 4.5, and RFC 7489, 6.6.3)."""
    if not texts:
        yield name
    elif len(texts) > 1:
        yield _("%(name)s (there are several, so none counts)") % {"name": name}


def _texts_of(name: str) -> list[str]:
    try:
        found = resolver.resolve(name, "TXT", lifetime=DNS_SECONDS)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    return [b"".join(row.strings).decode(errors="replace") for row in found]
