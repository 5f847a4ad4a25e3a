#!/usr/bin/env python3
"""Ten thousand members who are logged in open the ballot, vote and see the next page, all within a minute.

    .venv/bin/python deploy/drills/rush.py [--people 10000] [--arrive 40] [--think 5] [--control]
        [--no-scripts]

Nginx, web servers and MariaDB have the shipped settings; the database is made for it. Each person comes
from an IP address of their own, over a connection of their own without TLS, spread over the first 40 seconds,
and thinks for up to five seconds before voting. Someone whom a page asks to wait does what it says. Their
browsers have scripts, so the page after the vote comes with the response to it; with --no-scripts, it is one
more request.

To pass, everyone must have seen the page after the vote within the minute, no one an error page or a
connection that was cut, each vote that was acknowledged must be in the database, and of the requests that
were let in, 99 of 100 must have been answered within three seconds. The minute depends on the processor: it
takes about 11 milliseconds a person on both cores together.

With --control, the settings are those of before, which let 768 connections in and have no page for those
who wait. This must fail, and says by what.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from processes import children, free_port
from site_under_test import GUNICORN, ROOT, Site, prepared_site

P99_SECONDS = 3.0
MINUTE = 60
# For those who come last, or wait.
GIVE_UP_SECONDS = 300
WARM_UP = 60
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
CONNECTIONS_BEFORE, LIGHT_BEFORE = 768, [*GUNICORN, "--backlog", "2048"]


def start_database() -> None:
    """Runs the drill again with a MariaDB of its own that has the shipped settings."""
    lines = (ROOT / "deploy/mariadb/conferencebox.cnf").read_text().splitlines()
    settings = [re.sub(r"\s*=\s*", "=", line) for line in lines if "=" in line and line[0] != "#"]
    os.environ["MARIADB_OPTIONS"] = " ".join(f"--{setting}" for setting in settings)
    os.execv(ROOT / "deploy/with-mariadb", ["with-mariadb", sys.executable, *sys.argv])


def files_before() -> dict[str, str]:
    nginx = ROOT / "deploy/nginx"
    servers = re.sub(r" (max_conns=\d+|backlog=\d+)", "", (nginx / "conferencebox.conf").read_text())
    return {
        "conferencebox.conf": servers,
        "site.conf": (nginx / "site.conf").read_text().replace("=503 $page_while_busy", "=503 /503.html"),
    }


def start_site(folder: Path, port: int, *, before: bool) -> Site:
    if not before:
        return Site(folder, port, {}, files={})
    more = {"files": files_before(), "connections": CONNECTIONS_BEFORE, "light": LIGHT_BEFORE}
    return Site(folder, port, {}, **more)


def make_voters(people: int) -> list:
    """Members with a session, of a conference in which no one has voted yet."""
    import people as bench

    from voting.elections.models import Vote

    voters = bench.make_people(people + people // 20 + 100, people)
    Vote.objects.all().delete()
    if len(voters) < people:
        raise SystemExit("There are too few members who are not candidates.")
    return voters


def requests_of(voter: object, *, has_scripts: bool) -> dict[str, str]:
    said = {"ballot": voter.ballot(), "vote": voter.vote()}
    if has_scripts:
        said["vote"] = said["vote"].replace(b"\r\n", b"\r\nHX-Request: true\r\nHX-Target: ballot\r\n", 1)
    compressed = b"\r\nAccept-Encoding: gzip\r\n"
    return {what: text.replace(b"\r\n", compressed, 1).decode() for what, text in said.items()}


def warm_up(port: int, voters: list) -> None:
    """A site is in use before a rush: what it shows has been rendered before."""
    for voter in voters:
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(voter.ballot().replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            while peer.recv(65_536):
                pass


class Meter:
    """Processor time of everything that takes part, from /proc."""

    def __init__(self, site: Site) -> None:
        web, heavy, nginx = (process.pid for process in site.processes)
        self.of = {"web server": web, "heavy pages": heavy, "nginx": nginx}
        self.of["MariaDB"] = int(os.environ["MARIADB_PID"])
        self.before = self.seconds()

    def seconds(self) -> dict[str, float]:
        return {name: sum(map(cpu_seconds, [pid, *children(pid)])) for name, pid in self.of.items()}

    def spent(self) -> dict[str, float]:
        return {name: now - self.before[name] for name, now in self.seconds().items()}


def cpu_seconds(pid: int) -> float:
    """Also of children that have ended, such as a worker that restarted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) * TICK_SECONDS


def play(port: int, voters: list, chosen: argparse.Namespace) -> dict:
    told = {"port": port, "arrive": chosen.arrive, "think": chosen.think, "seconds": GIVE_UP_SECONDS}
    told["people"] = [requests_of(voter, has_scripts=not chosen.no_scripts) for voter in voters]
    crowd = [sys.executable, str(Path(__file__).with_name("rush_crowd.py"))]
    said = subprocess.run(crowd, input=json.dumps(told), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(said.stdout)


def lost_votes(voters: list, acknowledged: list[int]) -> int:
    from voting.elections.models import Vote

    stored = dict(Vote.objects.values_list("voter_id", "candidate_id"))
    return sum(stored.get(voters[n].membership_id) != voters[n].choice for n in acknowledged)


def percentile(times: list[float], share: float) -> float:
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def report(said: dict, spent: dict[str, float], seconds: float) -> None:
    in_time = sum(done <= MINUTE for done in said["done"])
    last = f"{len(said['done']):,} in all, the last after {max(said['done'], default=0):.1f} s"
    print(f"  had voted and seen the next page within {MINUTE} s: {in_time:,}; {last}")
    p50, p99 = percentile(said["stays"], 0.5), percentile(said["stays"], 0.99)
    print(f"  from the first click to that page: p50 {p50:.1f} s, p99 {p99:.1f} s")
    for step, times in said["times"].items():
        p50, p99 = 1000 * percentile(times, 0.5), 1000 * percentile(times, 0.99)
        waits = f"{said['waits'].get(step, 0):,} times told to wait"
        if times:
            print(f"  {step:9}: {len(times):,} let in, p50 {p50:.0f} ms, p99 {p99:.0f} ms; {waits}")
    spent = spent | {"client": said["cpu"]}
    used = ", ".join(f"{name} {cpu:.1f}" for name, cpu in spent.items())
    print(f"  processor seconds in {seconds:.0f} s: {used}; {sum(spent.values()) / seconds:.2f} cores")


def failures(said: dict, lost: int, people: int) -> list[str]:
    late = people - sum(done <= MINUTE for done in said["done"])
    slow = {step: percentile(times, 0.99) for step, times in said["times"].items()}
    found = [f"{what}: {count:,}" for what, count in sorted(said["errors"].items()) if count]
    found += [f"not done within {MINUTE} s: {late:,}"] * bool(late)
    found += [f"p99 of {step}: {p99:.1f} s" for step, p99 in slow.items() if p99 > P99_SECONDS]
    return found + [f"acknowledged votes that are not stored: {lost:,}"] * bool(lost)


def drill(chosen: argparse.Namespace, folder: Path, voters: list) -> bool:
    port = free_port()
    site = start_site(folder, port, before=chosen.control)
    name = "control, with the settings before" if chosen.control else "shipped"
    people = f"{len(voters):,} people arrive within {chosen.arrive:.0f} s"
    print(f"{name}: {people}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    try:
        warm_up(port, voters[:WARM_UP])
        meter, began = Meter(site), time.monotonic()
        said = play(port, voters, chosen)
        report(said, meter.spent(), time.monotonic() - began)
    finally:
        site.end()
    wrong = failures(said, lost_votes(voters, said["acknowledged"]), len(voters))
    done = f"all done within {MINUTE} s, no error, no vote lost"
    print(f"  FAILED by {'; '.join(wrong)}" if wrong else f"  passed: {done}")
    return not wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--arrive", type=float, default=40, help="seconds in which they come")
    options.add_argument("--think", type=float, default=5, help="seconds until they vote, at most")
    options.add_argument("--control", action="store_true")
    options.add_argument(
        "--no-scripts", action="store_true", help="in their browsers, so a vote is redirected"
    )
    chosen = options.parse_args()
    if "MARIADB_PID" not in os.environ:
        start_database()
    with prepared_site() as folder:
        return 0 if drill(chosen, folder, make_voters(chosen.people)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
