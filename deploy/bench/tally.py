#!/usr/bin/env python3
"""How long the tally of many votes takes on MariaDB: `make bench` runs this on a server of its own.

Prints, for each number of votes, the best and the median of repeated counts in milliseconds beside
the bound that we promise, and the same count without the index made for it. The bound is held
against the best run: what else runs on the machine only ever adds.
"""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
os.environ.setdefault("DEBUG", "true")

import django

django.setup()
django.conf.settings.DEBUG = False  # Django keeps no list of queries

from django.core.management import call_command
from django.db import connection

from accounts.models import User
from conferences.actions import create_conferences
from conferences.models import Conference, Membership
from voting.elections.tally import votes_per_candidate

BOUNDS = {10_000: 5, 100_000: 20, 1_000_000: 150}
"""Milliseconds at most for each number of votes."""
CANDIDATES = 200
RUNS = 9
COMPARED = 100_000
"""Votes up to which the count without the index is timed too; beyond, it takes minutes."""


def conference_with(votes: int) -> Conference:
    """A conference with this many votes for 200 candidates, most of them for the first.

    The voters have no rows of their own: a count does not need them.
    """
    new = Conference(
        title=f"{votes} votes", slug=f"votes-{votes}",
        starts_at="2030-01-01T00:00Z", ends_at="2030-01-02T00:00Z",
    )  # fmt: skip
    [conference] = create_conferences(conferences=[new])
    people = [User(email=f"c{n}@{votes}.example.org", name=f"Candidate {n}") for n in range(CANDIDATES)]
    User.objects.bulk_create(people)
    people = User.objects.filter(email__endswith=f"@{votes}.example.org")
    Membership.objects.bulk_create(Membership(conference=conference, user=u) for u in people)
    first = Membership.objects.filter(conference=conference).order_by("pk").first().pk
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")
        cursor.execute(
            "INSERT INTO voting_vote (voter_id, election_id, candidate_id, cast_at, nonce, tracker) "
            "SELECT %s + seq, %s, %s + FLOOR(POW(RAND(1), 3) * %s), UTC_TIMESTAMP(6), "
            "LEFT(SHA2(seq + %s, 256), 32), SHA2(seq + %s, 256) "
            f"FROM seq_1_to_{votes}",  # a number of ours, never user input
            [votes * 10, conference.pk, first, CANDIDATES, votes * 10, votes * 10],
        )
        cursor.execute("SET foreign_key_checks = 1")
        cursor.execute("ANALYZE TABLE voting_vote")
    settle()
    return conference


def settle() -> None:
    """Waits until the server has flushed what was loaded, on the core that is to count."""
    with connection.cursor() as cursor:
        cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
        cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0")
        for _ in range(120):
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
            if int(cursor.fetchone()[1]) == 0:
                return
            time.sleep(0.5)


def times_ms(count, runs: int = RUNS) -> list[float]:
    """Durations of repeated counts, shortest first, after a warm-up."""
    count()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        count()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def count_without_index(conference: Conference) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT candidate_id, COUNT(voter_id) FROM voting_vote IGNORE INDEX (vote_tally) "
            "WHERE election_id = %s GROUP BY candidate_id",
            [conference.pk],
        )
        cursor.fetchall()


def main() -> int:
    call_command("migrate", verbosity=0)
    print(
        f"{'votes':>10} {'best ms':>10} {'median ms':>10} {'bound ms':>10} "
        f"{'without its index':>18} {'ratio':>7}"
    )
    held = True
    for votes, bound in BOUNDS.items():
        conference = conference_with(votes)
        assert sum(votes_per_candidate(conference).values()) == votes
        taken = times_ms(lambda c=conference: votes_per_candidate(c))
        held = held and taken[0] <= bound
        print(f"{votes:>10} {taken[0]:>10.2f} {statistics.median(taken):>10.2f} {bound:>10}", end="")
        if votes <= COMPARED:
            plain = times_ms(lambda c=conference: count_without_index(c), runs=3)
            print(f" {plain[0]:>18.2f} {plain[0] / taken[0]:>7.1f}", end="")
        print()
    print("bounds held" if held else "BOUNDS NOT HELD")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
