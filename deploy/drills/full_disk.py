#!/usr/bin/env python3
"""The disk with the database and all else that the site writes is filled while 64 clients vote.

    .venv/bin/python deploy/drills/full_disk.py [--clients 64] [--full 20] [--control room|codes]     as root

Nginx, web servers and MariaDB have the shipped settings, and the disk is a small one of their own. Others
leave the conference meanwhile, which changes three tables in one transaction, and one reads the ballot.

To pass, while the disk is full each answer must come within a second and name the disk with a 503, ballots
must still be read, and `manage.py doctor` and /metrics must name the disk; `/healthz`, which a process of its
own asks, must answer within 50 ms throughout; a vote must be acknowledged within three seconds after there
is room again; none that was acknowledged may be missing, and who has left must have done so in every table.

With --control room, writes are sent to MariaDB all the same, which waits for a minute. With --control codes,
its errors of a full disk are not known. Both must fail.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from full_disk_people import Leaver, Reader, left_in_part
from full_disk_place import PLACE, Filler, enter_own_namespaces, mount_disk, verdicts
from healthz import Monitor
from ledger import Client, Ledger, check, finish
from processes import free_port
from rush import make_voters, start_database, warm_up
from site_under_test import prepared_site
from units import Units

ANSWER_SECONDS = 1.0
BACK_SECONDS = 3.0
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 10.0
# Longer than MariaDB waits until it tries again.
AFTER_OF_CONTROL_SECONDS = 80.0
VOTES_A_SECOND = 60
LEAVERS = 200
APPLICATIONS = {
    None: "confbox.wsgi:application",
    "room": "full_disk_unguarded:without_room",
    "codes": "full_disk_unguarded:without_codes",
}


class Times:
    """When the filling began, the disk was full, and there was room again."""

    def __init__(self) -> None:
        self.began = self.full = self.freed = 0.0


def fill_and_free(folder: Path, seconds: float) -> tuple[Times, list[str]]:
    times = Times()
    time.sleep(BEFORE_SECONDS)
    times.began, filler = time.monotonic(), Filler()
    filler.start()
    filler.has_filled.wait(60)
    times.full = time.monotonic()
    wrong = verdicts(f"{folder}/web-1.sock")
    time.sleep(max(0.0, times.full + seconds - time.monotonic()))
    filler.free()
    times.freed = time.monotonic()
    return times, wrong


def judge(ledger: Ledger, monitors: dict[str, Monitor], times: Times) -> list[str]:
    """Prints what was seen of the votes, and returns what was wrong."""
    while_full = [e for e in ledger.entries if times.began < e.ended < times.freed]
    longest = max((e.ended - e.began for e in ledger.entries if e.began < times.freed), default=0.0)
    good = [e.ended for e in ledger.entries if e.outcome == "ok"]
    back = min((ended for ended in good if ended > times.freed), default=times.freed + 999) - times.freed
    said = ledger.what_failed()
    others = {what: count for what, count in said.items() if what != "503"}
    print(f"  full after {times.full - times.began:.1f} s, for {times.freed - times.full:.1f} s")
    print(f"  votes meanwhile: {Counter(e.said or e.outcome for e in while_full).most_common()}")
    print(f"  not ok in all: {said.most_common(12)}; slowest answer {longest:.2f} s")
    print(f"  back after {back:.2f} s")
    verdict = check(ledger)
    print(f"  {verdict.lost} lost, {verdict.double} double", flush=True)
    judged = {
        f"answers that do not say what is wrong: {others}": bool(others),
        "no vote was refused, so the disk was not full": not said,
        f"an answer took {longest:.2f} s": longest > ANSWER_SECONDS,
        f"back after {back:.2f} s": back > BACK_SECONDS,
        f"{verdict.lost} acknowledged votes are not stored": verdict.lost > 0,
        f"{verdict.double} voters with two votes": verdict.double > 0,
        "the tally is not that of the rows": verdict.wrong_count,
    }
    wrong = [what for what, is_wrong in judged.items() if is_wrong]
    return wrong + [what for name, monitor in monitors.items() for what in monitor.judge(name, times.began)]


def drill(chosen: argparse.Namespace, folder: Path, ledger: Ledger) -> bool:
    port, many = free_port(), chosen.clients
    after = AFTER_OF_CONTROL_SECONDS if chosen.control else AFTER_SECONDS
    seconds = BEFORE_SECONDS + chosen.full + after
    voters = make_voters(int(seconds * VOTES_A_SECOND / 2) + LEAVERS)
    print(f"control, without {chosen.control}" if chosen.control else "shipped", flush=True)
    units = Units(folder, port, [], APPLICATIONS[chosen.control])
    monitors = {"nginx": Monitor(("127.0.0.1", port)), "the web server": Monitor(f"{folder}/web-1.sock")}
    try:
        warm_up(port, voters[:60])
        verdicts(f"{folder}/web-1.sock")
        leaver, reader = Leaver(port, voters[:LEAVERS]), Reader(port, voters[-1])
        voters = voters[LEAVERS:]
        clients = [Client(port, voters[n::many], ledger, seconds, n) for n in range(many)]
        for thread in [*monitors.values(), leaver, reader, *clients]:
            thread.start()
        times, wrong = fill_and_free(folder, chosen.full)
        time.sleep(after)
        for thread in (*clients, leaver, reader):
            thread.has_to_stop.set()
        finish([*clients, leaver, reader])
        for monitor in monitors.values():
            monitor.stop()
        wrong += judge(ledger, monitors, times)
        wrong += reader.judge(times.full, times.freed) + leaver.judge() + left_in_part(leaver)
    finally:
        units.stop()
    print(f"  FAILED by {'; '.join(wrong)}" if wrong else "  passed")
    return not wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--full", type=float, default=20, help="seconds")
    options.add_argument("--control", choices=["room", "codes"])
    chosen = options.parse_args()
    enter_own_namespaces()
    if "MARIADB_PID" not in os.environ:
        mount_disk()
        start_database()
    elsewhere = tempfile.TemporaryDirectory(dir=os.environ[PLACE])
    with prepared_site() as folder, elsewhere as name:
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)
        return 0 if drill(chosen, folder, Ledger(Path(name) / "ledger.jsonl")) else 1


if __name__ == "__main__":
    raise SystemExit(main())
