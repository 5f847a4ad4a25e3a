#!/usr/bin/env python3
"""Hashing does not starve voting: steady votes with and without 200 people who log in at once.

    deploy/with-mariadb .venv/bin/python deploy/drills/login_storm.py [--rounds 3] [--seconds 20]

Nginx and the web servers serve the application as in production. Votes come at a steady pace, each at its own
time whether or not the one before has been answered, and latency is measured from that time. In the storm
200 people, each with an account and a loopback address of their own, send the log-in form together; every
second one has the wrong password. Those who get an answer wait for some seconds, as the page asks, and send
it again. Rounds with and without the storm alternate, and the medians of their 99th percentiles are
compared: the storm may at most double it.

The same storm without nginx shows what one web server does alone. The control is the storm without nginx and
without the limit on passwords hashed at once. It must more than double the latency.
"""

import argparse
import http.client
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from site_under_test import (
    PASSWORD,
    Site,
    environment,
    make_conference_of,
    make_people,
    open_sessions,
    require_servers,
    set_up_site,
)

CROWD = 200
VOTERS = 100
RATE = 25
BOUND = 2.0
UNBOUNDED = {"HASHES_AT_ONCE": "1000", "HASHES_WAITING": "1000"}
TOKEN = "x" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def set_up() -> tuple[list[str], list[int]]:
    """The sessions of the voters, and the IDs of those they vote for."""
    set_up_site()
    make_people("storm", CROWD)
    voters = make_people("voter", VOTERS)
    return open_sessions(voters), make_conference_of(voters)


def post(port: int, path: str, data: dict[str, str], cookies: str, source: str) -> tuple[int, str]:
    peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    try:
        body = urlencode(data | {"csrfmiddlewaretoken": TOKEN})
        # The headers that nginx sets, for the rounds without it.
        said = FORM | {"Host": "127.0.0.1", "X-Real-IP": source}
        peer.request("POST", path, body, said | {"Cookie": f"csrftoken={TOKEN}; {cookies}"})
        answer = peer.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except OSError:
        return 0, ""
    finally:
        peer.close()


def votes(port: int, sessions: list[str], candidates: list[int], seconds: float) -> list[float]:
    """Seconds from the time each vote was due to its response; a vote that is refused stops the drill."""
    started = time.monotonic() + 0.2

    def vote(number: int) -> float:
        due = started + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        voter = number % len(sessions)
        candidate = candidates[(voter + 1 + number // len(sessions)) % len(candidates)]
        form = {"candidate": str(candidate)}
        status, _ = post(port, "/conferences/drill/vote/", form, f"sessionid={sessions[voter]}", "127.0.0.1")
        if status != 302:
            raise SystemExit(f"A vote was answered with {status}.")
        return time.monotonic() - due

    with ThreadPoolExecutor(64) as people:
        return list(people.map(vote, range(int(RATE * seconds))))


class Storm(threading.Thread):
    """Two hundred people at the log-in form, in another process so that they do not slow down the votes."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__()
        self.ends = time.monotonic() + seconds
        self.port, self.answers, self.lock = port, Counter(), threading.Lock()

    def run(self) -> None:
        time.sleep(2)
        people = [threading.Thread(target=self.insist, args=(n,)) for n in range(CROWD)]
        for person in people:
            person.start()
        for person in people:
            person.join()

    def insist(self, number: int) -> None:
        wrong = "" if number % 2 else "not-the-"
        data = {"login": f"storm{number}@example.org", "password": wrong + PASSWORD}
        while time.monotonic() < self.ends:
            status, page = post(self.port, "/accounts/login/", data, "", f"127.8.0.{number + 1}")
            with self.lock:
                self.answers[self.word(status, page)] += 1
            time.sleep(random.uniform(3, 5))

    def word(self, status: int, page: str) -> str:
        if status == 302:
            return "in"
        busy = status == 503 and "Too many people" in page
        return "busy" if busy else "refused" if status == 200 else str(status)


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


class Drill:
    def __init__(self, seconds: float, sessions: list[str], candidates: list[int]) -> None:
        self.seconds, self.sessions, self.candidates = seconds, sessions, candidates

    def round(self, name: str, port: int, storming: bool) -> float:
        from django.core.cache import cache

        cache.clear()
        storm = self.storm(port) if storming else None
        times = votes(port, self.sessions, self.candidates, self.seconds)
        said = storm.communicate()[0].strip() if storm else "nobody"
        usual, slow = 1000 * statistics.median(times), 1000 * p99(times)
        print(
            f"{name:16} {len(times)} votes, median {usual:6.1f} ms, p99 {slow:7.1f} ms; log-ins: {said}",
            flush=True,
        )
        return slow

    def storm(self, port: int) -> "subprocess.Popen[str]":
        # In reality the clients run on other machines: here they get only the processor time that is left.
        command = ["nice", "-n", "19", sys.executable, __file__, "--storm", str(port), str(self.seconds)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--port", type=int, default=8310)
    options.add_argument("--storm", nargs=2, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.storm:
        storm = Storm(int(chosen.storm[0]), float(chosen.storm[1]))
        storm.run()
        print(", ".join(f"{word} {count}" for word, count in sorted(storm.answers.items())))
        return 0
    require_servers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= environment(folder)
        drill = Drill(chosen.seconds, *set_up())
        found = measure(drill, folder, chosen.port, chosen.rounds)
    quiet, storm, bare, control = (statistics.median(slow) for slow in found)
    print(f"p99 of a vote, median of the rounds: quiet {quiet:.1f} ms")
    for name, slow in (("storm", storm), ("storm without nginx", bare), ("control", control)):
        print(f"{name:20} {slow:8.1f} ms, {slow / quiet:.2f} times")
    return 0 if storm <= BOUND * quiet < control else 1


def measure(drill: Drill, folder: Path, port: int, rounds: int) -> tuple[list[float], ...]:
    quiet, storm, bare, control = [], [], [], []
    for more in ({}, UNBOUNDED):
        site = Site(folder, port, more, files={}, bare=True)
        try:
            drill.round("warming up", port, storming=False)
            for _ in range(rounds):
                if more:
                    control.append(drill.round("control", port + 1, storming=True))
                else:
                    quiet.append(drill.round("quiet", port, storming=False))
                    storm.append(drill.round("storm", port, storming=True))
                    bare.append(drill.round("without nginx", port + 1, storming=True))
        finally:
            site.end()
    return quiet, storm, bare, control


if __name__ == "__main__":
    raise SystemExit(main())
