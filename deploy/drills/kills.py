#!/usr/bin/env python3
"""Twenty thousand votes while web workers, their main process and MariaDB are killed, ten times each.

    .venv/bin/python deploy/drills/kills.py [--votes 20000] [--kills 10] [--seconds 200] [--control]

Nginx, web servers and MariaDB have the shipped settings; what is killed starts again as with systemd, a
second later and on the same data. 10,000 members vote twice each, from 64 clients and an IP address of
their own; a vote that was not acknowledged is sent once more, for another member. Each client writes down
what it sent and what came back.

To pass, what is stored of each voter must be the last vote that was acknowledged, or one after it of which
no one can say; no voter has two votes; the tally equals the rows; and at most three seconds pass without a
vote that is acknowledged.

With --control, MariaDB has the settings `innodb_flush_log_at_trx_commit = 0` and `sync_binlog = 0`. This
must lose votes that were acknowledged.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from ledger import VOTES_OF_A_VOTER, Client, Ledger, check, finish, outages
from processes import free_port
from rush import make_voters, start_database, warm_up
from site_under_test import prepared_site
from units import Units

CLIENTS = 64
OUTAGE_SECONDS = 3.0
RELAXED = ["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0"]


def vote_under_kills(
    units: Units, clients: list[Client], chosen: argparse.Namespace
) -> dict[str, list[float]]:
    """When each was killed."""
    for client in clients:
        client.start()
    kills = units.kills()
    pause = chosen.seconds / (chosen.kills * len(kills) + 1)
    due, when = time.monotonic(), {name: [] for name in kills}
    for turn in range(chosen.kills):
        for name, kill in kills.items():
            due += pause
            time.sleep(max(0.0, due - time.monotonic()))
            when[name].append(time.monotonic())
            kill(turn)
    finish(clients)
    return when


def report(ledger: Ledger, when: dict[str, list[float]]) -> float:
    """Prints what happened, and returns the longest outage."""
    count = {outcome: f"{ledger.count(outcome):,}" for outcome in ("ok", "fail", "info")}
    print(f"  votes: {count['ok']} ok, {count['fail']} fail, {count['info']} info")
    print("  not ok:", dict(ledger.what_failed().most_common(12)))
    times = sorted(time for of_one in when.values() for time in of_one)
    found = dict(zip(times, outages(ledger, times), strict=True))
    for name, of_one in when.items():
        seconds = [found[time] for time in of_one]
        print(f"  {name}: {len(seconds)} kills, seconds without a vote:", *(f"{s:.2f}" for s in seconds))
    slowest = max((entry.ended - entry.began for entry in ledger.entries), default=0.0)
    print(f"  slowest answer: {slowest:.2f} s", flush=True)
    return max(found.values(), default=0.0)


def failures(ledger: Ledger, longest: float, votes: int) -> list[str]:
    verdict = check(ledger)
    print(f"  {verdict.lost} lost, {verdict.double} double, longest outage {longest:.2f} s")
    found = [f"{verdict.lost:,} acknowledged votes that are not stored"] * bool(verdict.lost)
    found += [f"{verdict.double} voters with two votes"] * bool(verdict.double)
    found += ["the tally is not that of the rows"] * verdict.wrong_count
    found += [f"{ledger.count('ok'):,} votes acknowledged of {votes:,}"] * (ledger.count("ok") < votes)
    return found + [f"{longest:.2f} s without a vote"] * (longest > OUTAGE_SECONDS)


def drill(chosen: argparse.Namespace, folder: Path, voters: list) -> bool:
    port, ledger = free_port(), Ledger(folder / "ledger.jsonl")
    print("control, nothing waits for the disk" if chosen.control else "shipped", flush=True)
    units = Units(folder, port, RELAXED if chosen.control else [])
    try:
        warm_up(port, voters[:60])
        clients = [Client(port, voters[n::CLIENTS], ledger, chosen.seconds, n) for n in range(CLIENTS)]
        longest = report(ledger, vote_under_kills(units, clients, chosen))
        wrong = failures(ledger, longest, len(voters) * VOTES_OF_A_VOTER)
    finally:
        units.stop()
    print(f"  FAILED by {'; '.join(wrong)}" if wrong else "  passed")
    return not wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--votes", type=int, default=20_000)
    options.add_argument("--kills", type=int, default=10, help="of each kind")
    options.add_argument("--seconds", type=float, default=200, help="over which the votes are spread")
    options.add_argument("--control", action="store_true")
    chosen = options.parse_args()
    if "MARIADB_PID" not in os.environ:
        start_database()
    with prepared_site() as folder:
        return 0 if drill(chosen, folder, make_voters(chosen.votes // VOTES_OF_A_VOTER)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
