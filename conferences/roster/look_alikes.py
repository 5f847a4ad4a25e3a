"""Email addresses of different mailboxes that may belong to the same person, or contain a typing error."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import idna
from django.utils.translation import gettext_lazy as _

from confbox.kit.mailbox_digests import mailbox_of

# Letters and digits that look alike in lower case, with the one that represents all of them.
ALIKE = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "8": "b"}
    | dict(zip("аеорсухіјѕԁѵһӏβαονρτικ", "aeopcyxljsdvhlbaovptlk", strict=True))
)
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
ONE_PROVIDER = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
# Providers whose names are long enough that one typing error does not give another provider's name.
WELL_KNOWN = """
gmail.com googlemail.com hotmail.com outlook.com yahoo.com icloud.com proton.me protonmail.com
t-online.de freenet.de posteo.de mailbox.org orange.fr laposte.net wanadoo.fr telefonica.net
"""
# Real domains that are one letter away from one of these.
MEANT = """
ymail.com mail.com email.com rocketmail.com outlook.co outlook.de outlook.fr outlook.es hotmail.de
hotmail.fr hotmail.es hotmail.it yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.co.uk hotmail.co.uk
posteo.net posteo.org posteo.eu posteo.at posteo.ch mailbox.com
"""
KNOWN_DOMAINS = frozenset(WELL_KNOWN.split())
RIGHT_DOMAINS = KNOWN_DOMAINS | frozenset(MEANT.split())


@dataclass(frozen=True)
class LookAlike:
    """`other` is an entry on the roster or earlier in the list, or what may have been meant."""

    line: int
    email: str
    other: str
    why: str


def same_mailboxes_of(new: Iterable[tuple[int, str, str]], there: Iterable[str]) -> list[LookAlike]:
    """New email addresses whose emails arrive in the same mailbox as those of another entry."""
    first: dict[str, str] = {}
    for mailbox in there:
        first.setdefault(mailbox_of(mailbox), mailbox)
    found = []
    for line, email, mailbox in new:
        other = first.setdefault(mailbox_of(mailbox), mailbox)
        if other != mailbox:
            found.append(LookAlike(line, email, other, str(_("has the same mailbox"))))
    return found


def look_alikes_of(new: Iterable[tuple[int, str, str]], there: Iterable[str]) -> list[LookAlike]:
    """Compares new email addresses, each with its line, spelling and mailbox, with existing mailboxes."""
    by_look: dict[str, str] = {}
    for mailbox in there:
        by_look.setdefault(_look(mailbox), mailbox)
    found = []
    for line, email, mailbox in new:
        other = by_look.setdefault(_look(mailbox), mailbox)
        if other != mailbox:
            found.append(LookAlike(line, email, other, str(_("looks like another email address"))))
        elif meant := _meant(mailbox):
            found.append(LookAlike(line, email, meant, str(_("may be a typing error"))))
    return found


def _look(mailbox: str) -> str:
    """A key shared by email addresses that differ only in a plus tag, dots or look-alike letters."""
    local, _at, domain = mailbox.rpartition("@")
    local = (local[:1] + local[1:].partition("+")[0]).replace(".", "")
    return f"{_plain_letters(local)}@{_look_of_domain(domain)}"


@lru_cache(5000)
def _look_of_domain(domain: str) -> str:
    try:
        shown = idna.decode(domain) if "xn--" in domain else domain
    except idna.IDNAError:
        shown = domain
    domain = _meant_domain(domain) or domain
    return _plain_letters(ONE_PROVIDER.get(domain, shown if "xn--" in domain else domain))


def _plain_letters(text: str) -> str:
    text = text.translate(ALIKE)
    for pair, letter in PAIRS:
        text = text.replace(pair, letter)
    return text


def _meant(mailbox: str) -> str:
    local, _at, domain = mailbox.rpartition("@")
    meant = _meant_domain(domain)
    return f"{local}@{meant}" if meant else ""


@lru_cache(5000)
def _meant_domain(domain: str) -> str:
    """The well-known domain that is one typing error away; empty if there is none."""
    if domain in RIGHT_DOMAINS:
        return ""
    return next((known for known in sorted(KNOWN_DOMAINS) if _is_one_error_away(domain, known)), "")


def _is_one_error_away(one: str, other: str) -> bool:
    """Whether one letter is missing, extra or different, or two neighbouring letters are swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return len(one) != len(other)
    a, b = one[start:], other[start:]
    swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:]
