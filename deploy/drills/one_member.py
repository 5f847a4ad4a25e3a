#!/usr/bin/env python3
"""One member cannot stop the site: steady votes of others while one does everything that is expensive.

    deploy/with-mariadb .venv/bin/python deploy/drills/one_member.py [--rounds 3] [--seconds 60]

The shipped web servers and nginx serve the application as in production. A hundred people vote at a steady
pace, each at their own time whether or not the vote before has been answered, and latency is measured from
that time. Meanwhile one member keeps sixteen connections busy: uploads a picture that is slow to decode and
one of thousands of scans, previews a campaign of the most expensive Markdown, searches for a hundred words,
signs up, and asks for emails. Rounds with and without the member alternate, and the medians of their 99th
percentiles are compared: the member may at most double it.

The control is the same with every limit off: locks, counts, scans, and the queues of nginx. It must more
than double the latency.
"""

import argparse
import http.client
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from site_under_test import (
    Site,
    make_conference_of,
    make_people,
    open_sessions,
    prepared_site,
)

BOUND = 2.0
VOTERS, RATE = 100, 25
CONNECTIONS = 16
# What each of the connections does in a loop.
ACTS = ["uploads"] * 5 + ["previews"] * 4 + ["searches"] * 3 + ["sign_ups"] * 2 + ["emails"] * 2
SOURCE = "127.6.6.6"
TOKEN = "x" * 32
BOUNDARY = "drill"
PART = b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
DRILL = "/conferences/drill"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1"}
LIMITS_OF_NGINX = "persons-limits.conf"


def pictures() -> list[bytes]:
    """One of 24 megapixels, and one of thousands of scans."""
    from PIL import Image

    large, scanned = io.BytesIO(), io.BytesIO()
    Image.effect_noise((6000, 4000), 60).save(large, "JPEG", quality=35)
    Image.new("L", (5000, 5000)).save(scanned, "JPEG", progressive=True)
    content = scanned.getvalue()
    scan = content[content.rindex(b"\xff\xda") : -2]
    return [large.getvalue(), content[:-2] + scan * 3000 + b"\xff\xd9"]


def greedy_texts() -> Iterator[str]:
    """The most expensive Markdown; each text differs slightly from the last, so that none is recognised."""
    table = "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "|\n" * 4000
    for number in itertools.count():
        for text in ("- a [b](http://c)\n" * 540, "> # a\nb\n" * 1200, table, "![" * 4900):
            yield f"{number}\n\n{text}"[:9900]


class Member:
    """Sixteen connections of one person and one IP address, with a thread each."""

    def __init__(self, port: int, session: str, seconds: float, acts: list[str]) -> None:
        self.port, self.session, self.pictures = port, session, pictures()
        self.acts = acts
        # Creating the pictures is not part of the measurement.
        print("ready", flush=True)
        self.ends = time.monotonic() + seconds
        self.answers: dict[str, Counter[int]] = {}
        self.slowest_health = 0.0

    def run(self) -> None:
        acts = list(itertools.islice(itertools.cycle(self.acts), CONNECTIONS))
        threads = [
            threading.Thread(target=self.insist, args=(getattr(self, act), n)) for n, act in enumerate(acts)
        ]
        threads.append(threading.Thread(target=self.watch_health))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def insist(self, act: Callable[[int], Iterator[tuple]], number: int) -> None:
        name, peer = act.__name__, None
        found = self.answers.setdefault(name, Counter())
        for method, path, body, headers in act(number):
            if time.monotonic() > self.ends:
                break
            try:
                peer = peer or self.connection()
                peer.request(method, path, body, headers | {"Host": "127.0.0.1"})
                answer = peer.getresponse()
                answer.read()
                found[answer.status] += 1
            except OSError:
                found[0] += 1
                peer = None
            except http.client.HTTPException:
                peer = None

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, source_address=(SOURCE, 0))

    def cookies(self, *, known: bool = True) -> dict[str, str]:
        session = f"; sessionid={self.session}" if known else ""
        return {"Cookie": f"csrftoken={TOKEN}{session}"}

    def form(self, path: str, data: dict[str, str], *, known: bool = True) -> tuple:
        body = urlencode(data | {"csrfmiddlewaretoken": TOKEN})
        return "POST", path, body, FORM | self.cookies(known=known)

    def uploads(self, number: int) -> Iterator[tuple]:
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        for sent, content in enumerate(itertools.cycle(self.pictures[:: -1 if number % 2 else 1])):
            # A different name each time: the same form twice would be processed once.
            parts = [
                (b'name="csrfmiddlewaretoken"', TOKEN.encode()),
                (f'name="picture"; filename="{number}-{sent}.jpg"'.encode(), content + b"%d" % sent),
            ]
            body = b"".join([*(PART % (BOUNDARY.encode(), *part) for part in parts), b"--drill--\r\n"])
            yield "POST", "/people/profile/picture/", body, self.cookies() | kind

    def previews(self, number: int) -> Iterator[tuple]:
        for text in greedy_texts():
            yield self.form(f"{DRILL}/campaigns/preview/", {"subject": f"S{number}", "message": text})

    def searches(self, number: int) -> Iterator[tuple]:
        for sent in itertools.count(number):
            words = "+".join(chr(97 + (sent + n) % 26) for n in range(100))
            page = ("ballot", "members")[sent % 2]
            yield "GET", f"{DRILL}/{page}/?q={words}", None, self.cookies()

    def sign_ups(self, number: int) -> Iterator[tuple]:
        for sent in itertools.count():
            data = {
                "name": "New",
                "email": f"n{number}x{sent}@example.org",
                "password1": "correct-horse-battery",
            }
            yield self.form("/accounts/signup/", data, known=False)

    def emails(self, number: int) -> Iterator[tuple]:
        for sent in itertools.count():
            yield self.form(
                "/accounts/password/reset/", {"email": f"v{number}x{sent}@example.org"}, known=False
            )
            yield self.form("/me/address/", {})
            yield self.form("/accounts/email/", {"email": f"w{number}x{sent}@example.org", "action_add": ""})

    def watch_health(self) -> None:
        while time.monotonic() < self.ends:
            began = time.monotonic()
            peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            peer.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            peer.getresponse().read()
            peer.close()
            self.slowest_health = max(self.slowest_health, time.monotonic() - began)
            time.sleep(0.5)


class Votes:
    """Others who vote, each from a loopback address of their own."""

    def __init__(self, port: int, sessions: list[str], candidates: list[int], seconds: float) -> None:
        self.port, self.sessions, self.candidates = port, sessions, candidates
        self.number, self.started = int(RATE * seconds), time.monotonic() + 0.5
        self.times: list[float] = []
        self.refused: Counter[int] = Counter()

    def run(self) -> None:
        with ThreadPoolExecutor(200) as people:
            list(people.map(self.vote, range(self.number)))

    def vote(self, number: int) -> None:
        due = self.started + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        voter = number % len(self.sessions)
        choice = self.candidates[(voter + 1 + number // len(self.sessions)) % len(self.candidates)]
        body = urlencode({"candidate": choice, "csrfmiddlewaretoken": TOKEN})
        cookies = f"csrftoken={TOKEN}; sessionid={self.sessions[voter]}"
        headers = {
            "Host": "127.0.0.1",
            "Cookie": cookies,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        source = (f"127.5.0.{voter + 1}", 0)
        peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, source_address=source)
        try:
            peer.request("POST", f"{DRILL}/vote/", body, headers)
            status = peer.getresponse().status
        except OSError:
            status = 0
        finally:
            peer.close()
        self.times.append(time.monotonic() - due)
        if status != 302:
            self.refused[status] += 1


def start(part: str, arguments: dict) -> "subprocess.Popen[str]":
    """Another process, so that the member's own work does not slow down the voters' clock."""
    command = [sys.executable, __file__, "--part", part, json.dumps(arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def play(part: str, arguments: dict) -> None:
    if part == "member":
        # In reality the member's client runs on another machine: here it gets only the processor time that
        # is left.
        os.nice(19)
        member = Member(**arguments)
        member.run()
        print(json.dumps({"answers": member.answers, "health": member.slowest_health}))
        return
    votes = Votes(**arguments)
    votes.run()
    print(json.dumps({"times": votes.times, "refused": votes.refused}))


class Drill:
    def __init__(
        self, options: argparse.Namespace, sessions: list[str], session: str, candidates: list[int]
    ) -> None:
        self.seconds, self.acts = options.seconds, options.acts or ACTS
        self.sessions, self.session, self.candidates = sessions, session, candidates

    def round(self, name: str, port: int, *, beside: bool) -> float:
        from django.core.cache import cache

        cache.clear()
        shared = {"port": port, "seconds": self.seconds}
        member = start("member", shared | {"session": self.session, "acts": self.acts}) if beside else None
        if member:
            member.stdout.readline()
            time.sleep(2)
        voters = {"sessions": self.sessions, "candidates": self.candidates, "seconds": self.seconds - 5}
        said = json.loads(start("votes", shared | voters).communicate()[0])
        times = sorted(1000 * t for t in said["times"])
        usual, slow = statistics.median(times), times[int(len(times) * 0.99)]
        print(
            f"{name:10} {len(times)} votes, median {usual:7.1f} ms, p99 {slow:8.1f} ms", said["refused"] or ""
        )
        if member:
            beside_it = json.loads(member.communicate()[0])
            for act, answers in beside_it["answers"].items():
                print(f"           {act:9} {answers}")
            print(f"           slowest /healthz {beside_it['health']:.2f} s", flush=True)
        return slow


def measure(drill: Drill, folder: Path, port: int, rounds: int) -> tuple[list[float], ...]:
    quiet, member, control = [], [], []
    site = Site(folder, port, {}, files={})
    try:
        drill.round("warming up", port, beside=False)
        for _ in range(rounds):
            quiet.append(drill.round("quiet", port, beside=False))
            member.append(drill.round("member", port, beside=True))
    finally:
        site.end()
    found = {"PYTHONPATH": str(Path(__file__).parent)}
    application = "one_member_unlimited:application"
    site = Site(folder, port, found, files={LIMITS_OF_NGINX: ""}, application=application)
    try:
        drill.round("warming up", port, beside=False)
        control.append(drill.round("control", port, beside=True))
    finally:
        site.end()
    return quiet, member, control


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--port", type=int, default=8340)
    options.add_argument(
        "--acts", nargs="+", choices=sorted(set(ACTS)), help="only these, to find what costs"
    )
    options.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.part:
        play(chosen.part[0], json.loads(chosen.part[1]))
        return 0
    with prepared_site() as folder:
        voters, member = make_people("voter", VOTERS), make_people("flood", 1)
        candidates = make_conference_of([*voters, *member])
        drill = Drill(chosen, open_sessions(voters), open_sessions(member)[0], candidates[:VOTERS])
        quiet, beside, control = measure(drill, folder, chosen.port, chosen.rounds)
    usual = statistics.median(quiet)
    print(f"p99 of a vote, median of the rounds: quiet {usual:.1f} ms")
    for word, slow in (("one member", statistics.median(beside)), ("control", statistics.median(control))):
        print(f"{word:12} {slow:8.1f} ms, {slow / usual:.2f} times")
    return 0 if statistics.median(beside) <= BOUND * usual < statistics.median(control) else 1


if __name__ == "__main__":
    raise SystemExit(main())
