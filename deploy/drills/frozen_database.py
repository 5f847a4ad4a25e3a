#!/usr/bin/env python3
"""MariaDB is stopped for twenty seconds, as a disk that hangs would do, while 64 clients vote.

    .venv/bin/python deploy/drills/frozen_database.py [--clients 64] [--frozen 20] [--control]

Nginx, web servers and MariaDB have the shipped settings. Another process asks `/healthz` ten times a second,
of nginx and of the web server itself.

To pass, the first page that says so must come within three seconds, and from then on each within one; each
`/healthz` within 50 ms; a vote must be acknowledged within two seconds after MariaDB goes on; and none that
was acknowledged may be missing.

With --clients 1 there is one visitor at a time. With --control, nothing notices that the database hangs,
which must fail.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from healthz import Monitor
from ledger import Client, Ledger, check, finish
from processes import free_port
from rush import make_voters, start_database, warm_up
from site_under_test import prepared_site
from units import Units

FIRST_503_SECONDS = 3.0
NEXT_503_SECONDS = 1.0
BACK_SECONDS = 2.0
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 8.0
VOTES_A_SECOND = 60


def freeze(units: Units, seconds: float) -> tuple[float, float]:
    """When it began and ended."""
    time.sleep(BEFORE_SECONDS)
    began = time.monotonic()
    units.database.process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        units.database.process.send_signal(signal.SIGCONT)
    return began, time.monotonic()


def report(ledger: Ledger, monitors: dict[str, Monitor], began: float, ended: float) -> list[str]:
    """Prints what was seen, and returns what was wrong."""
    failed = [e for e in ledger.entries if e.outcome != "ok" and began < e.ended < ended]
    first = min((e.ended for e in failed), default=ended) - began
    later = max((e.ended - e.began for e in failed if e.began > began + first), default=0.0)
    waited = max((e.ended - max(e.began, began) for e in ledger.entries if e.ended > began), default=0.0)
    back = min((e.ended for e in ledger.entries if e.outcome == "ok" and e.ended > ended), default=ended + 99)
    print(f"  {ledger.count('ok'):,} ok, {ledger.count('info'):,} info, {ledger.count('fail')} fail")
    print("  not ok:", dict(ledger.what_failed().most_common(12)))
    print(f"  first failure after {first:.2f} s, those sent after it within {later:.2f} s")
    print(f"  slowest answer {waited:.2f} s; back after {back - ended:.2f} s")
    false = sum(e.outcome == "ok" and began + 0.5 < e.ended < ended for e in ledger.entries)
    verdict = check(ledger)
    print(f"  {verdict.lost} lost, {verdict.double} double", flush=True)
    judged = {
        f"the first failure came after {first:.2f} s": first > FIRST_503_SECONDS,
        f"a later one took {later:.2f} s": later > NEXT_503_SECONDS,
        f"back after {back - ended:.2f} s": back - ended > BACK_SECONDS,
        f"{false} votes acknowledged while it was frozen": false > 0,
        f"{verdict.lost} acknowledged votes are not stored": not verdict.is_good,
    }
    wrong = [what for what, is_wrong in judged.items() if is_wrong]
    return wrong + [what for name, monitor in monitors.items() for what in monitor.judge(name, began)]


def drill(chosen: argparse.Namespace, folder: Path, voters: list) -> bool:
    port, ledger = free_port(), Ledger(folder / "ledger.jsonl")
    print("control, nothing notices" if chosen.control else "shipped", flush=True)
    application = "without_breaker:application" if chosen.control else "confbox.wsgi:application"
    units = Units(folder, port, [], application)
    seconds = BEFORE_SECONDS + chosen.frozen + AFTER_SECONDS
    monitors = {"nginx": Monitor(("127.0.0.1", port)), "the web server": Monitor(f"{folder}/web-1.sock")}
    try:
        warm_up(port, voters[:60])
        many = chosen.clients
        clients = [Client(port, voters[n::many], ledger, seconds, n) for n in range(many)]
        for thread in [*monitors.values(), *clients]:
            thread.start()
        began, ended = freeze(units, chosen.frozen)
        time.sleep(AFTER_SECONDS)
        for client in clients:
            client.has_to_stop.set()
        finish(clients)
        for monitor in monitors.values():
            monitor.stop()
        wrong = report(ledger, monitors, began, ended)
    finally:
        units.stop()
    print(f"  FAILED by {'; '.join(wrong)}" if wrong else "  passed")
    return not wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--frozen", type=float, default=20, help="seconds")
    options.add_argument("--control", action="store_true")
    chosen = options.parse_args()
    if "MARIADB_PID" not in os.environ:
        start_database()
    with prepared_site() as folder:
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)
        seconds = BEFORE_SECONDS + chosen.frozen + AFTER_SECONDS
        return 0 if drill(chosen, folder, make_voters(int(seconds * VOTES_A_SECOND / 2))) else 1


if __name__ == "__main__":
    raise SystemExit(main())
