"""Signs that a vote may be tampered with, for organisers to look at. Nothing here acts automatically."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from disposable_email_domains import blocklist

from confbox.kit.mailbox_digests import mailbox_of
from conferences.models import Conference, Membership

SMALLEST_BURST, BURST_FACTOR = 10, 5
SMALLEST_NETWORK = 5


@dataclass(frozen=True)
class Signal:
    """Members who have something in common that is worth a look."""

    kind: str
    what: str
    members: list[Membership]


def signals_of(conference: Conference) -> list[Signal]:
    """What is unusual among the current members, by kind and size. One query."""
    members = list(Membership.objects.of_active_people().filter(conference=conference).select_related("user"))
    found = [*_mailboxes(members), *_disposable(members), *_networks(members), *_bursts(conference, members)]
    return sorted(found, key=lambda signal: -len(signal.members))


def is_disposable(address: str) -> bool:
    """Whether the domain, or one that it belongs to, provides disposable mailboxes."""
    labels = address.lower().rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _mailboxes(members: list[Membership]) -> list[Signal]:
    shared = _grouped(members, lambda member: mailbox_of(member.user.email))
    return [Signal("mailbox", what, group) for what, group in shared if len(group) > 1]


def _disposable(members: list[Membership]) -> list[Signal]:
    suspects = [member for member in members if is_disposable(member.user.email)]
    by_domain = _grouped(suspects, lambda member: member.user.email.rpartition("@")[2])
    return [Signal("disposable", what, group) for what, group in by_domain]


def _networks(members: list[Membership]) -> list[Signal]:
    by_network = _grouped(members, lambda member: member.user.signup_network)
    return [
        Signal("network", what, group)
        for what, group in by_network
        if what and len(group) >= SMALLEST_NETWORK
    ]


def _bursts(conference: Conference, members: list[Membership]) -> list[Signal]:
    """Hours with many more joins than the typical hour between the first join and the last."""
    by_hour = dict(_grouped(members, lambda member: f"{_hour(member.joined_at):%Y-%m-%d %H}"))
    if not by_hour:
        return []
    hours = _hours_between([member.joined_at for member in members])
    typical = median([len(by_hour.get(f"{hour:%Y-%m-%d %H}", [])) for hour in hours])
    limit = max(SMALLEST_BURST, BURST_FACTOR * typical)
    return [
        Signal("burst", f"{_hour(group[0].joined_at).astimezone(conference.zone):%Y-%m-%d %H:%M}", group)
        for group in by_hour.values()
        if len(group) >= limit
    ]


def _hour(when: datetime) -> datetime:
    return when.replace(minute=0, second=0, microsecond=0)


def _hours_between(times: list[datetime]) -> list[datetime]:
    first, last = _hour(min(times)), _hour(max(times))
    count = int((last - first).total_seconds() // 3600)
    return [first + timedelta(hours=number) for number in range(count + 1)]


def _grouped(
    members: Iterable[Membership], key: Callable[[Membership], str]
) -> list[tuple[str, list[Membership]]]:
    groups: dict[str, list[Membership]] = defaultdict(list)
    for member in members:
        groups[key(member)].append(member)
    return list(groups.items())
