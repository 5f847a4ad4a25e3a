"""Domains of email addresses, as organisers type them and as people read them."""

import re
from collections.abc import Iterable

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from confbox.kit.email_addresses import ascii_domain, clean_email_address

MOST_DOMAINS = 100
BETWEEN = re.compile(r"[\s,;]+")
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LONGEST = 253


def read_domains(text: str) -> list[str]:
    """One domain per line or between commas, in their ASCII form and without repetitions.

    Raises:
        ValidationError: there is a line that is no domain, one message for each, or there are too many.
    """
    typed = [word for word in BETWEEN.split(text) if word]
    if len(typed) > MOST_DOMAINS:
        raise ValidationError(_("Please enter at most %(n)d domains.") % {"n": MOST_DOMAINS}, code="too_many")
    found, refusals = dict[str, None](), []
    for word in typed:
        try:
            found.setdefault(read_domain(word))
        except ValidationError as refusal:
            refusals.append(refusal)
    if refusals:
        raise ValidationError(refusals)
    return list(found)


def read_domain(typed: str) -> str:
    plain = clean_email_address(typed).removeprefix("@")
    domain = "" if "@" in plain or "*" in plain else ascii_domain(plain)
    labels = domain.split(".")
    is_domain = len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels)
    if not is_domain or len(domain) > LONGEST or labels[-1].isdigit():
        raise ValidationError(
            _("“%(typed)s” is not a domain. Enter what comes after the @, such as example.org.")
            % {"typed": typed[:100]},
            code="no_domain",
        )
    return domain


def shown_domains(domains: Iterable[str]) -> list[str]:
    """In the letters that people read."""
    return [_shown(domain) for domain in domains]


def _shown(domain: str) -> str:
    try:
        return idna.decode(domain) if "xn--" in domain else domain
    except idna.IDNAError:
        return domain


def domain_of(email: str) -> str:
    return ascii_domain(email.rpartition("@")[2])
