"""Signs that a vote may be tampered with, for organisers to look at. Nothing here acts automatically.

The database groups the members. Of a very large conference, it first finds what may stand out in indexes of
all people of the site: grouping a million members would take a minute.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from statistics import median
from typing import Any

from disposable_email_domains import blocklist
from django.db.models import Count, F
from django.db.models.functions import TruncHour

from accounts.models import User
from confbox.kit.bounded_search import is_long
from confbox.kit.mailbox_columns import DomainOf, MailboxOf, SomeIds
from conferences.models import Conference, Membership

SMALLEST_BURST, BURST_FACTOR = 10, 5
SMALLEST_NETWORK = 5
MEMBERS_SHOWN = 20
NETWORKS_AT_ONCE = 5_000
# By what the members are grouped for each kind of sign but the mailbox, whose members are found with it.
KEYS: dict[str, Any] = {
    "disposable": DomainOf("user__email"),
    "network": F("user__signup_network"),
    "burst": TruncHour("joined_at", tzinfo=UTC),
}


@dataclass(frozen=True)
class Signal:
    """Members who have something in common that is worth a look."""

    kind: str
    what: str
    number: int
    key: Any
    # IDs of some of them.
    shown: tuple[int, ...] = ()


def is_large(conference: Conference) -> bool:
    """Whether the signs take seconds to find."""
    return is_long(Membership.objects.current().filter(conference=conference))


def signals_of(conference: Conference) -> list[Signal]:
    """What is unusual among the current members, by kind and size; `with_members` finds who they are."""
    members, large = _members(conference), is_large(conference)
    found = [*_mailboxes(members), *_disposable(members, is_large=large), *_networks(members, is_large=large)]
    found += _bursts(conference)
    return sorted(found, key=lambda signal: -signal.number)


def with_members(conference: Conference, signals: Sequence[Signal]) -> list[Signal]:
    """With some of the members of each, who are not sought of signs that no one is shown."""
    shown: dict[tuple[str, Any], tuple[int, ...]] = {}
    for kind, key in KEYS.items():
        keys = [signal.key for signal in signals if signal.kind == kind]
        groups = _members(conference).alias(key=key).filter(key__in=keys).values(found=key)
        for found, ids in groups.annotate(ids=SomeIds("pk")).values_list("found", "ids"):
            # The database cuts off the end of a long text, but not before so many.
            shown[kind, found] = tuple(sorted(map(int, ids.split(",")[:MEMBERS_SHOWN])))
    return [replace(signal, shown=shown.get((signal.kind, signal.key), signal.shown)) for signal in signals]


def members_of(signals: Iterable[Signal]) -> dict[int, Membership]:
    """Those who are shown, by their ID."""
    ids = {pk for signal in signals for pk in signal.shown}
    return Membership.objects.select_related("user").in_bulk(ids)


def is_disposable(address: str) -> bool:
    """Whether the domain, or one that it belongs to, provides disposable mailboxes."""
    labels = address.lower().rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _members(conference: Conference) -> Any:
    return Membership.objects.of_active_people().filter(conference=conference).order_by()


def _mailboxes(members: Any) -> list[Signal]:
    """Of two addresses of one mailbox, at least one has a tag, dots or quotes that the mailbox has not."""
    mailbox = MailboxOf("user__email")
    tagged = members.exclude(user__email=mailbox)
    plain = members.filter(user__email__in=tagged.values(key=mailbox))
    groups: dict[str, list[int]] = defaultdict(list)
    for key, pk in [*tagged.values_list(mailbox, "pk"), *plain.values_list("user__email", "pk")]:
        groups[key].append(pk)
    return [
        Signal("mailbox", key, len(ids), key, shown=tuple(sorted(ids)[:MEMBERS_SHOWN]))
        for key, ids in groups.items()
        if len(ids) > 1
    ]


def _disposable(members: Any, *, is_large: bool) -> list[Signal]:
    domains = members.values_list(DomainOf("user__email"), flat=True)
    if is_large:
        domains = User.objects.order_by().values_list(DomainOf("email"), flat=True)
    found = [domain for domain in domains.distinct() if is_disposable(domain)]
    groups = _grouped(members.alias(domain=DomainOf("user__email")).filter(domain__in=found), "disposable")
    return [Signal("disposable", key, number, key) for key, number in groups]


def _networks(members: Any, *, is_large: bool) -> list[Signal]:
    known = members.exclude(user__signup_network="")
    parts = [known]
    if is_large:
        people = User.objects.order_by().exclude(signup_network="").values("signup_network")
        crowded = people.annotate(n=Count("pk")).filter(n__gte=SMALLEST_NETWORK)
        networks = list(crowded.values_list("signup_network", flat=True))
        starts = range(0, len(networks), NETWORKS_AT_ONCE)
        some = [networks[start : start + NETWORKS_AT_ONCE] for start in starts]
        parts = [known.filter(user__signup_network__in=each) for each in some]
    groups = chain.from_iterable(_grouped(part, "network") for part in parts)
    return [Signal("network", key, number, key) for key, number in groups if number >= SMALLEST_NETWORK]


def _bursts(conference: Conference) -> list[Signal]:
    """Hours with many more joins than the typical hour between the first join and the last."""
    current = Membership.objects.current().filter(conference=conference).order_by()
    joined = Counter(dict(_grouped(current, "burst")))
    joined.subtract(dict(_grouped(current.filter(user__is_active=False), "burst")))
    joined = +joined
    if not joined:
        return []
    typical = median([joined.get(hour, 0) for hour in _hours_between(min(joined), max(joined))])
    limit = max(SMALLEST_BURST, BURST_FACTOR * typical)
    return [
        Signal("burst", f"{hour.astimezone(conference.zone):%Y-%m-%d %H:%M}", number, hour)
        for hour, number in joined.items()
        if number >= limit
    ]


def _hours_between(first: datetime, last: datetime) -> list[datetime]:
    count = int((last - first).total_seconds() // 3600)
    return [first + timedelta(hours=number) for number in range(count + 1)]


def _grouped(members: Any, kind: str) -> list[tuple[Any, int]]:
    """What the members of each group have in common, and their number."""
    return list(members.values(key=KEYS[kind]).annotate(number=Count("pk")).values_list("key", "number"))
