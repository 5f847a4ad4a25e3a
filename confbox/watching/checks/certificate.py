"""How long the certificate of the site is still valid."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.watching.findings import Finding, Verdict, ok, problem, warning

WARNING_DAYS, PROBLEM_DAYS = 21, 7
CONNECT_SECONDS = 4


def certificate() -> Finding:
    if settings.CERTIFICATE_FILE:
        read = x509.load_pem_x509_certificate(Path(settings.CERTIFICATE_FILE).read_bytes())
    elif not settings.SITE_URL.startswith("https://"):
        return ok(_("The site has no web address with https, so it needs none."))
    else:
        try:
            read = x509.load_der_x509_certificate(_of_the_site())
        except OSError as error:
            said = _("%(site)s could not be reached from this host: %(error)s")
            return warning(said % {"site": settings.SITE_URL, "error": type(error).__name__})
    found = until(read.not_valid_after_utc)
    if found.verdict is Verdict.OK and read.issuer == read.subject:
        said = _(
            "It is self-signed: browsers warn of the site or refuse it. Get one from a certificate authority."
        )
        return warning(said, found.figure)
    return found


def _of_the_site() -> bytes:
    """As the site sends it. An expired one is to be read, too, so it is not verified."""
    site = urlsplit(settings.SITE_URL)
    host, port = site.hostname or "", site.port or 443
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def until(end: datetime) -> Finding:
    days = (end - datetime.now(UTC)).total_seconds() / 86400
    number = int(days)
    if days <= 0:
        return problem(
            _("It has expired: browsers refuse the site. Renew it, and reload nginx."), round(days, 1)
        )
    if days > WARNING_DAYS:
        said = ngettext("It is valid for another %(n)d day.", "It is valid for another %(n)d days.", number)
        return ok(said % {"n": number}, round(days, 1))
    said = ngettext(
        "It is valid for another %(n)d day only. Renew it, and find out why that was not done automatically.",
        "It is valid for another %(n)d days only. "
        "Renew it, and find out why that was not done automatically.",
        number,
    )
    return (problem if days < PROBLEM_DAYS else warning)(said % {"n": number}, round(days, 1))
