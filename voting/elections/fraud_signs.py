"""Signs that a vote may be tampered with, for organisers to look at. Nothing here acts automatically.

The database groups the members, so that of very many only what stands out is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from disposable_email_domains import blocklist
from django.db.models import Count, F
from django.db.models.functions import TruncHour

from confbox.kit.mailbox_columns import DomainOf, MailboxOf, SomeIds
from conferences.models import Conference, Membership

SMALLEST_BURST, BURST_FACTOR = 10, 5
SMALLEST_NETWORK = 5
MEMBERS_SHOWN = 20


@dataclass(frozen=True)
class Signal:
    """Members who have something in common that is worth a look."""

    kind: str
    what: str
    number: int
    # IDs of some of them.
    shown: tuple[int, ...]


def signals_of(conference: Conference) -> list[Signal]:
    """What is unusual among the current members, by kind and size."""
    members = Membership.objects.of_active_people().filter(conference=conference).order_by()
    found = [*_mailboxes(members), *_disposable(members), *_networks(members), *_bursts(conference, members)]
    return sorted(found, key=lambda signal: -signal.number)


def members_of(signals: Iterable[Signal]) -> dict[int, Membership]:
    """Those who are shown, by their ID."""
    ids = {pk for signal in signals for pk in signal.shown}
    return Membership.objects.select_related("user").in_bulk(ids)


def is_disposable(address: str) -> bool:
    """Whether the domain, or one that it belongs to, provides disposable mailboxes."""
    labels = address.lower().rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _mailboxes(members: Any) -> list[Signal]:
    return [_signal("mailbox", *group) for group in _grouped(members, MailboxOf("user__email"), at_least=2)]


def _disposable(members: Any) -> list[Signal]:
    groups = _grouped(members, DomainOf("user__email"))
    return [_signal("disposable", *group) for group in groups if is_disposable(group[0])]


def _networks(members: Any) -> list[Signal]:
    known = members.exclude(user__signup_network="")
    groups = _grouped(known, F("user__signup_network"), at_least=SMALLEST_NETWORK)
    return [_signal("network", *group) for group in groups]


def _bursts(conference: Conference, members: Any) -> list[Signal]:
    """Hours with many more joins than the typical hour between the first join and the last."""
    by_hour = _grouped(members, TruncHour("joined_at", tzinfo=UTC))
    if not by_hour:
        return []
    joined = {hour: number for hour, number, _ids in by_hour}
    typical = median([joined.get(hour, 0) for hour in _hours_between(min(joined), max(joined))])
    limit = max(SMALLEST_BURST, BURST_FACTOR * typical)
    return [
        _signal("burst", f"{hour.astimezone(conference.zone):%Y-%m-%d %H:%M}", number, ids)
        for hour, number, ids in by_hour
        if number >= limit
    ]


def _hours_between(first: datetime, last: datetime) -> list[datetime]:
    count = int((last - first).total_seconds() // 3600)
    return [first + timedelta(hours=number) for number in range(count + 1)]


def _grouped(members: Any, key: Any, *, at_least: int = 1) -> list[tuple[Any, int, str]]:
    """What the members of each group of at least this size have in common, their number, and IDs of some."""
    groups = members.values(key=key).annotate(number=Count("pk"), ids=SomeIds("pk"))
    return list(groups.filter(number__gte=at_least).values_list("key", "number", "ids"))


def _signal(kind: str, what: str, number: int, ids: str) -> Signal:
    # The last one may have been cut off.
    some = ids.split(",")[: min(number, MEMBERS_SHOWN)]
    return Signal(kind, what, number, tuple(sorted(map(int, some))))
