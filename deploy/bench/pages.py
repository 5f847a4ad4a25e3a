#!/usr/bin/env python3
"""Votes and pages beside Express, and beside a Django view that does nothing.

    deploy/bench/run pages [--rounds 7] [--seconds 1.5] [--members 10000] [--only vote] [--against ROOT]

All sites run at the same time on one database and are measured in turn, in rounds. A ratio compares two
sites within one round, so what else runs on the machine affects both. Processor time is that of the web
server's processes and of the database, from /proc; it is the more robust figure.

The same vote is also sent to our API, with a token and JSON in place of a session and a form.

With scripts, our site answers a vote with the parts of the page that change. The baselines redirect to
the ballot, as our site does without scripts.

--against measures another copy of the site as well, such as the one before a change.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/drills"))

from load import Run, measure
from site_under_test import GUNICORN, LIGHT, environment, require_mariadb, set_up_site, wait_for

EXPRESS = ROOT / "deploy/bench/express"
MODULES = ROOT / "var/bench-express"
WORKERS, THREADS = 2, 12
CONNECTIONS = 64
# Node.js compiles what runs often.
WARM_UP_SECONDS = 2.5
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
OURS, BY_API = "ConferenceBox", "ConferenceBox, by its API"
BEFORE, EMPTY = "ConferenceBox before", "empty Django view"
PLAIN, ORM = "Express + mysql2", "Express + Sequelize"
SCENARIOS = ("vote", "ballot", "vote and next page", "vote and next page with scripts", "list")


@dataclass
class Site:
    name: str
    port: int
    command: list[str]
    cwd: Path
    more: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, cwd=self.cwd, env=os.environ | self.more, start_new_session=True
        )
        wait_for(self.port)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(40)

    def cpu_seconds(self) -> float:
        return sum(cpu_seconds_of(pid) for pid in [self.process.pid, *children_of(self.process.pid)])


@dataclass
class Figures:
    """One site in one round."""

    run: Run
    web_ms: float
    database_ms: float


def cpu_seconds_of(pid: int) -> float:
    """Also of children that have ended, such as a worker that restarted."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(int(ticks) for ticks in fields[11:15]) * TICK_SECONDS


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def server(root: Path, port: int, *application: str) -> list[str]:
    """The one that this copy of the site ships for its pages."""
    command = LIGHT if (root / LIGHT[-1]).exists() else GUNICORN
    return [*command, "--bind", f"127.0.0.1:{port}", *application]


def sites(port: int, against: Path | None) -> list[Site]:
    from voting.elections.statements import CAST_VOTE

    web = {"WEB_WORKERS": str(WORKERS), "WEB_THREADS": str(THREADS)}
    vote = CAST_VOTE["mysql"]
    for name in ("slug", "user_id", "candidate_id", "nonce"):
        vote = vote.replace(f"%({name})s", f":{name}")
    node = {"BENCH_SOCKET": os.environ["MARIADB_SOCKET"], "BENCH_VOTE": vote, "NODE_ENV": "production"}
    start = ["node", "server.js"]
    pool = [str(WORKERS), str(THREADS)]
    empty = web | {"PYTHONPATH": str(ROOT / "deploy/bench")}
    found = [
        Site(OURS, port, server(ROOT, port), ROOT, web),
        Site(BY_API, port + 5, server(ROOT, port + 5), ROOT, web),
        Site(PLAIN, port + 1, [*start, "mysql2", str(port + 1), *pool], MODULES, node),
        Site(ORM, port + 2, [*start, "sequelize", str(port + 2), *pool], MODULES, node),
        Site(EMPTY, port + 3, server(ROOT, port + 3, "empty_view:application"), ROOT, empty),
    ]
    if against:
        found.append(Site(BEFORE, port + 4, server(against, port + 4), against, web))
    return found


def fetch_modules() -> None:
    """Copies the baselines below var/ and fetches their packages, unless they are there already."""
    if not shutil.which("npm"):
        sys.exit("The baselines need Node.js 20 or newer with npm. On Debian: sudo apt-get install npm")
    lock = (EXPRESS / "package-lock.json").read_bytes()
    is_fetched = (MODULES / "node_modules").is_dir() and (MODULES / "package-lock.json").read_bytes() == lock
    shutil.copytree(EXPRESS, MODULES, dirs_exist_ok=True)
    if not is_fetched:
        fetch = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
        if subprocess.run(fetch, check=False, cwd=MODULES).returncode:
            sys.exit("npm could not fetch the packages of the baselines; it says why above.")


def measured(site: Site, scenario: str, voters: list, seconds: float) -> Figures:
    from people import refuse_lost_votes, requests_of

    if scenario == "vote and next page with scripts":
        is_ours = site.name in (OURS, BEFORE)
        scenario = "vote that is answered with the next page" if is_ours else "vote and next page"
    if site.name == BY_API:
        scenario = "vote by API"
    database = int(os.environ["MARIADB_PID"])
    web_before, database_before = site.cpu_seconds(), cpu_seconds_of(database)
    run = measure(site.port, requests_of(scenario, voters), connections=CONNECTIONS, seconds=seconds)
    web, stored = site.cpu_seconds() - web_before, cpu_seconds_of(database) - database_before
    wrong = {status for status in run.statuses if status not in (b"200", b"201", b"302", b"303")}
    if wrong:
        raise SystemExit(f"{site.name}, {scenario}: {dict(run.statuses)}")
    if site.name != EMPTY and "vote" in scenario:
        refuse_lost_votes(voters, site.name)
    count = len(run.latencies)
    return Figures(run, 1000 * web / count, 1000 * stored / count)


def main() -> int:
    require_mariadb()
    options = arguments()
    fetch_modules()
    folder = Path(tempfile.mkdtemp(prefix="confbox-bench."))
    os.environ |= environment(folder)
    set_up_site()
    from people import make_people

    voters = make_people(options.members, options.voters)
    running = [
        site
        for site in sites(options.port, options.against)
        if not options.sites or site.name in options.sites
    ]
    try:
        for site in running:
            site.start()
        for scenario in options.only or SCENARIOS:
            print_scenario(scenario, rounds_of(scenario, running, voters, options))
    finally:
        for site in running:
            if hasattr(site, "process"):
                site.end()
        shutil.rmtree(folder)
    return 0


def rounds_of(
    scenario: str, running: list[Site], voters: list, options: argparse.Namespace
) -> dict[str, list[Figures]]:
    taking_part = [s for s in running if s.name not in (EMPTY, BY_API) or scenario == "vote"]
    found: dict[str, list[Figures]] = {site.name: [] for site in taking_part}
    for site in taking_part:
        measured(site, scenario, voters, WARM_UP_SECONDS)
    for number in range(options.rounds):
        # Every other round backwards, so that no site always runs after the same one.
        for site in taking_part[:: (-1) ** number]:
            found[site.name].append(measured(site, scenario, voters, options.seconds))
            time.sleep(0.1)
    return found


def print_scenario(scenario: str, found: dict[str, list[Figures]]) -> None:
    rounds = len(found[OURS])
    print(f"\n### {scenario}: {CONNECTIONS} connections, {rounds} rounds\n")
    print("| site | a second, median (worst to best) | p50 ms | p99 ms | web CPU ms | database CPU ms |")
    print("|---|---|---|---|---|---|")
    for name, figures in found.items():
        rates = [f.run.rate for f in figures]
        cells = [f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"]
        cells += [f"{statistics.median(f.run.percentile_ms(p) for f in figures):.1f}" for p in (0.5, 0.99)]
        cells += [f"{statistics.median(f.web_ms for f in figures):.2f}"]
        cells += [f"{statistics.median(f.database_ms for f in figures):.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| ours in relation to | a second | by web CPU | by all CPU |")
    print("|---|---|---|---|")
    for name, figures in found.items():
        if name != OURS:
            pairs = list(zip(found[OURS], figures, strict=True))
            cells = [
                spread([ours.run.rate / other.run.rate for ours, other in pairs]),
                spread([other.web_ms / ours.web_ms for ours, other in pairs]),
                spread([
                    (other.web_ms + other.database_ms) / (ours.web_ms + ours.database_ms)
                    for ours, other in pairs
                ]),
            ]  # fmt: skip
            print(f"| {name} | {' | '.join(cells)} |")
    sys.stdout.flush()


def spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--voters", type=int, default=1000)
    parser.add_argument("--port", type=int, default=8460)
    parser.add_argument("--only", action="append", choices=SCENARIOS)
    parser.add_argument("--sites", action="append")
    parser.add_argument("--against", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
