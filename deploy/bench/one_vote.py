#!/usr/bin/env python3
"""What one vote costs within the process: processor time of Python, without web server, client and database.

    deploy/bench/run one_vote [--votes 400] [--rounds 7] [--against ROOT] [--profile]

--against compares with another copy of the site, such as one before a change: each copy in a process of its
own, in turn, on the same database. --profile prints which parts of the code take the time, the largest first.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/drills"))

from site_under_test import environment, require_mariadb, set_up_site

ONE_COPY = ROOT / "deploy/bench/in_process.py"
MEMBERS, VOTERS = 300, 100
# How often all votes are cast once more for a profile.
AGAIN = 60


def main() -> int:
    require_mariadb()
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="confbox-bench.") as folder:
        os.environ |= environment(Path(folder))
        set_up_site()
        from people import make_people

        requests = Path(folder) / "requests"
        voters = make_people(MEMBERS, VOTERS)
        requests.write_bytes(b"\0".join(voters[n % VOTERS].vote() for n in range(options.votes)))
        copies = [ROOT, *options.against]
        found: dict[Path, list[float]] = {root: [] for root in copies}
        for number in range(options.rounds):
            for root in copies[:: (-1) ** number]:
                found[root].append(float(in_process(root, requests)))
        if options.profile:
            print_profile(in_process(ROOT, requests, AGAIN), statistics.median(found[ROOT]))
    for root, figures in found.items():
        ratios = [other / ours for ours, other in zip(found[ROOT], figures, strict=True)]
        print(
            f"{root}: {statistics.median(figures):.0f} microseconds a vote "
            f"({min(figures):.0f} to {max(figures):.0f}), {statistics.median(ratios):.2f} times ours"
        )
    return 0


def in_process(root: Path, *more: object) -> str:
    command = [sys.executable, str(ONE_COPY), str(root), *map(str, more)]
    return subprocess.check_output(command, cwd=root, text=True)


def print_profile(printed: str, microseconds: float) -> None:
    rows = [line.split() for line in printed.splitlines()[1:]]
    found = {part: int(times) for part, times in rows}
    total = sum(found.values())
    print(f"Of {microseconds:.0f} microseconds, by {total} looks at what runs:")
    for part, times in found.items():
        if times >= total / 200:
            print(f"| `{part}` | {microseconds * times / total:.0f} | {times / total:.0%} |")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--votes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--against", type=Path, action="append", default=[])
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
