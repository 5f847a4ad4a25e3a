#!/usr/bin/env python3
"""What each page costs with 10,000, 100,000 and 1,000,000 people: `make bench-growth`, on MariaDB only.

    deploy/bench/run growth [--people 10000,100000] [--only WORDS,WORDS] [--slowest]

Prints, for each page, its queries, and for each size the milliseconds of a request within the process with
the database's share, as medians of repeated requests, and how many rows the database read for it, whatever
else the machine does. `--slowest` also prints the slowest query of each page. A page is flat if it costs at
the largest size at most 1.2 times what it costs at the smallest, or 3 ms more. Searches and filters find
nearly the same at each size, apart from common names, which more people have among more. The figures of a
large vote are counted before a page is measured, as a worker does; how long that takes is printed beside
it.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
os.environ.setdefault("DEBUG", "true")

import django

django.setup()
django.conf.settings.DEBUG = False  # Django keeps no list of queries

from crowd import SLUG, grow, make_cast, make_crowd
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.limits import here
from conferences.models import Conference
from conferences.roster.listing import is_large
from voting.elections.figures.tasks import count_kept_figure
from voting.elections.models import KeptFigure

SIZES, REQUESTS, LONGEST_SECONDS = [10_000, 100_000, 1_000_000], 7, 8
FACTOR, TOLERANCE_MS = 1.2, 3
ONE = "conference__id__exact={pk}"

OF_MEMBERS = {
    "list of conferences": "/",
    "my page": "/me/",
    "conference": f"/conferences/{SLUG}/",
    "ballot": f"/conferences/{SLUG}/ballot/",
    "ballot, search": f"/conferences/{SLUG}/ballot/?q=xanthippe",
    "ballot, search, two words": f"/conferences/{SLUG}/ballot/?q=xan+m",
    "ballot, search for a common name": f"/conferences/{SLUG}/ballot/?q=amelia",
    "ballot, search for two common names": f"/conferences/{SLUG}/ballot/?q=ame+ash",
    "members": f"/conferences/{SLUG}/members/",
    "members, deep": f"/conferences/{SLUG}/members/?page={{deep}}",
    "members, search": f"/conferences/{SLUG}/members/?q=xanthippe",
    "members, search for none": f"/conferences/{SLUG}/members/?q=qqq",
    "results, live": f"/conferences/{SLUG}/results/",
}
OF_ORGANISERS = {
    "dashboard": "/admin/",
    "overview": "/admin/conferences/conference/{pk}/",
    "turnout": "/admin/voting/votes/{pk}/turnout/",
    "candidates": "/admin/voting/votes/{pk}/candidates/",
    "candidates, search": "/admin/voting/votes/{pk}/candidates/?q=xanthippe",
    "decision": "/admin/voting/votes/{pk}/decision/",
    "result": "/admin/voting/votes/{pk}/result/",
    "list of voters": "/admin/voting/votes/{pk}/roll/",
    "list of voters, search": "/admin/voting/votes/{pk}/roll/?q=xanthippe",
    "check for fraud": "/admin/voting/votes/{pk}/fraud/",
    "check for fraud, asked for": "/admin/voting/votes/{pk}/fraud/?check=1",
    "roster": "/admin/conferences/conference/{pk}/roster/",
    "roster, deep": "/admin/conferences/conference/{pk}/roster/?page={deep_roster}",
    "roster, joined": "/admin/conferences/conference/{pk}/roster/?state=joined",
    "roster, removed": "/admin/conferences/conference/{pk}/roster/?state=removed",
    "roster, counted": "/admin/conferences/conference/{pk}/roster/?count=1",
    "roster, search": "/admin/conferences/conference/{pk}/roster/?q=xanthippe",
    "admin: conferences": "/admin/conferences/conference/",
    "admin: votes": "/admin/voting/votes/",
    "admin: people": "/admin/accounts/user/",
    "admin: people, deep": "/admin/accounts/user/?p={deep_people}",
    "admin: people, search": "/admin/accounts/user/?q=xanthippe",
    "admin: people, inactive": "/admin/accounts/user/?is_active__exact=0",
    "admin: members": "/admin/conferences/membership/",
    "admin: members, search": "/admin/conferences/membership/?q=xanthippe",
    "admin: members of one": f"/admin/conferences/membership/?{ONE}",
    "admin: members of one, left": f"/admin/conferences/membership/?{ONE}&left_at__isempty=0",
    "admin: members of one, search": f"/admin/conferences/membership/?{ONE}&q=xanthippe",
    "admin: members by name": f"/admin/conferences/membership/?{ONE}&o=1",
    "admin: members by name, deep": f"/admin/conferences/membership/?{ONE}&o=1&p=90",
    "admin: members by email address": f"/admin/conferences/membership/?{ONE}&o=-2",
    "admin: audit log": "/admin/accounts/adminact/",
    "admin: audit log, deep": "/admin/accounts/adminact/?p=99",
    "admin: audit log of one": "/admin/accounts/adminact/?of_conference={pk}",
    "admin: audit log, search": "/admin/accounts/adminact/?q=xanthippe",
    "admin: audit log of members": "/admin/accounts/adminact/?who=members",
}


@dataclass
class Cost:
    """Of one page, at one size."""

    ms: float
    database_ms: float
    queries: int
    rows: int
    slowest_ms: float
    slowest: str


@dataclass
class Watch:
    """The queries of one request."""

    times: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.times.append((1000 * (time.perf_counter() - started), sql))


def cost_of(client: Client, url: str) -> Cost:
    found: list[Cost] = []
    started = time.perf_counter()
    _request(client, url)
    count_what_was_asked_for()
    while len(found) < REQUESTS and time.perf_counter() - started < LONGEST_SECONDS:
        found.append(_request(client, url))
    found = found or [_request(client, url)]
    slowest = max(found, key=lambda cost: cost.slowest_ms)
    return Cost(
        median(cost.ms for cost in found),
        median(cost.database_ms for cost in found),
        found[-1].queries,
        found[-1].rows,
        median(cost.slowest_ms for cost in found),
        slowest.slowest,
    )


def count_what_was_asked_for() -> None:
    options = {"batch": True, "startup_delay": False, "reload": False}
    call_command("db_worker", queue_name=count_kept_figure.queue_name, verbosity=0, **options)


def print_counts() -> None:
    for kind, seconds in KeptFigure.objects.order_by("kind").values_list("kind", "took_seconds"):
        print(f"  {kind} was counted in {1000 * seconds:,.0f} ms", file=sys.stderr)


def _request(client: Client, url: str) -> Cost:
    cache.clear()
    here.clear()
    read_before = _rows_read()
    watch, began = Watch(), time.perf_counter()
    with connection.execute_wrapper(watch):
        response = client.get(url)
        for _part in response.streaming_content if response.streaming else ():
            pass
    taken = 1000 * (time.perf_counter() - began)
    if response.status_code != 200:
        raise SystemExit(f"{url} answered {response.status_code}.")
    times = watch.times or [(0.0, "")]
    return Cost(taken, sum(ms for ms, _ in times), len(times), _rows_read() - read_before, *max(times))


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read_%'")
        return sum(int(number) for _name, number in cursor.fetchall())


def pages_of(conference: Conference, people: int) -> list[tuple[str, bool, str]]:
    deep = {"deep": _middle(conference.memberships.order_by("user__sort_name")), "deep_people": 199}
    entries = conference.roster.order_by("mailbox")
    deep["deep_roster"] = _middle(entries) if is_large(conference) else entries.count() // 200
    pages = [(name, False, url) for name, url in OF_MEMBERS.items()]
    pages += [(name, True, url) for name, url in OF_ORGANISERS.items()]
    return [(name, is_desk, url.format(pk=conference.pk, **deep)) for name, is_desk, url in pages]


def _middle(rows: Any) -> str:
    """The place in the middle of a list that is walked."""
    return f"after-0-{rows.values_list('pk', flat=True)[rows.count() // 2]}"


def measure(sizes: list[int], only: list[str]) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {}
    conference = make_crowd()
    member, organiser = make_cast(conference)
    clients = [Client(), Client()]
    clients[0].force_login(member.user)
    log_in_freshly(clients[1], organiser)
    before = 0
    for people in sizes:
        started = time.perf_counter()
        grow(conference, before=before, people=people)
        print(f"{people:,} people written in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        before = people
        for name, is_desk, url in pages_of(conference, people):
            if any(words in name for words in only):
                costs.setdefault(name, []).append(cost_of(clients[is_desk], url))
        print_counts()
    return costs


def is_flat(costs: list[Cost]) -> bool:
    return costs[-1].ms <= max(FACTOR * costs[0].ms, costs[0].ms + TOLERANCE_MS)


def print_table(sizes: list[int], costs: dict[str, list[Cost]]) -> None:
    print("| page | queries | " + " | ".join(f"{people:,}" for people in sizes) + " | |")
    print("|---|---|" + "---|" * len(sizes) + "---|")
    for name, found in costs.items():
        cells = [f"{cost.ms:,.0f} ({cost.database_ms:,.1f}), {cost.rows:,} rows" for cost in found]
        verdict = "flat" if is_flat(found) else "grows"
        print(f"| {name} | {found[-1].queries} | {' | '.join(cells)} | {verdict} |")


def print_slowest(costs: dict[str, list[Cost]]) -> None:
    for name, found in costs.items():
        print(f"\n{name}: {found[-1].slowest_ms:,.1f} ms\n{found[-1].slowest}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", default=",".join(map(str, SIZES)))
    parser.add_argument("--only", default="")
    parser.add_argument("--slowest", action="store_true")
    options = parser.parse_args()
    sizes = [int(people) for people in options.people.split(",")]
    call_command("migrate", verbosity=0)
    costs = measure(sizes, options.only.split(","))
    print_table(sizes, costs)
    if options.slowest:
        print_slowest(costs)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
