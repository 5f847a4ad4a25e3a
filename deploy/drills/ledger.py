"""Voters who write down what they sent and what came back, and whether the database agrees with them.

Each request is an intent. Its outcome is `ok` if the success response was seen, `fail` if a refusal was, and
`info` if no one can say: a timeout, a connection that was cut, an error page. What is stored of a voter must
be the choice of their last `ok`, or of an `info` after it.
"""

import contextlib
import http.client
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

VOTED = re.compile(r"(?:^|, )voted=.")
GIVE_UP_SECONDS = 60
FINISH_SECONDS = 120
AGAIN_SECONDS = 0.1
VOTES_OF_A_VOTER = 2


@dataclass
class Entry:
    voter: int
    choice: int
    began: float
    ended: float = 0.0
    outcome: str = "info"
    said: str = ""


@dataclass
class Ledger:
    """What was sent and what came back, also as lines of a file."""

    file: Path
    entries: list[Entry] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.lines = self.file.open("w", buffering=1)

    def intend(self, voter: int, choice: int) -> Entry:
        entry = Entry(voter, choice, time.monotonic())
        with self.lock:
            self.entries.append(entry)
            self.lines.write(json.dumps(["intent", voter, choice, entry.began]) + "\n")
        return entry

    def settle(self, entry: Entry, outcome: str, said: str) -> None:
        entry.ended, entry.outcome, entry.said = time.monotonic(), outcome, said
        with self.lock:
            self.lines.write(json.dumps([outcome, entry.voter, entry.choice, entry.ended, said]) + "\n")

    def count(self, outcome: str) -> int:
        return sum(entry.outcome == outcome for entry in self.entries)

    def what_failed(self) -> Counter[str]:
        return Counter(entry.said for entry in self.entries if entry.outcome != "ok")


class Client(threading.Thread):
    """Has its voters vote one after the other, at a steady pace. A vote without `ok` is sent once more."""

    def __init__(self, port: int, voters: list[Any], ledger: Ledger, seconds: float, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.voters, self.ledger, self.number = port, voters, ledger, number
        self.pause = seconds / max(1, len(voters) * VOTES_OF_A_VOTER)
        self.has_to_stop = threading.Event()

    def run(self) -> None:
        due = time.monotonic() + self.pause * (self.number % 64) / 64
        for number, voter in enumerate(self.voters):
            self.place = f"127.{1 + self.number}.{number // 250}.{1 + number % 250}"
            self.peer: http.client.HTTPConnection | None = None
            for _ in range(VOTES_OF_A_VOTER):
                if self.has_to_stop.wait(max(0.0, due - time.monotonic())):
                    return
                due += self.pause
                while self._vote(voter) != "ok":
                    if self.has_to_stop.wait(AGAIN_SECONDS):
                        return
            self._close()

    def _vote(self, voter: Any) -> str:
        request = voter.vote()
        entry = self.ledger.intend(voter.membership_id, voter.choice)
        try:
            outcome, said = self._send(request)
        except (OSError, http.client.HTTPException) as error:
            outcome, said = "info", type(error).__name__
            self._close()
        self.ledger.settle(entry, outcome, said)
        return outcome

    def _send(self, request: bytes) -> tuple[str, str]:
        if self.peer is None:
            self.peer = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=GIVE_UP_SECONDS, source_address=(self.place, 0)
            )
            self.peer.connect()
        head, _, body = request.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(text.split(": ", 1) for text in fields)
        self.peer.request(method, path, body, headers)
        answer = self.peer.getresponse()
        page = answer.read()
        cookies = ", ".join(answer.headers.get_all("Set-Cookie") or [])
        if answer.status == 302:
            return ("ok", "") if VOTED.search(cookies) else ("fail", "refused: " + cookies[:80])
        if answer.will_close:
            self._close()
        by = "" if b"database" in page else ", by nginx"
        return "info", f"{answer.status}{by if answer.status == 503 else ''}"

    def _close(self) -> None:
        if self.peer is not None:
            with contextlib.suppress(OSError):
                self.peer.close()
            self.peer = None


def finish(clients: list[Client]) -> None:
    ends = time.monotonic() + FINISH_SECONDS
    for client in clients:
        client.join(max(0.0, ends - time.monotonic()))
        client.has_to_stop.set()


@dataclass
class Verdict:
    lost: int
    double: int
    wrong_count: bool

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.double or self.wrong_count)


def check(ledger: Ledger) -> Verdict:
    """Holds the ledger against the rows, and the rows against the tally that the site shows."""
    from django.db import connection

    from conferences.models import Conference
    from voting.demo.population import SLUG
    from voting.elections.tally import tally_of

    connection.close()
    allowed: dict[int, set[int]] = {}
    for entry in ledger.entries:
        if entry.outcome == "ok":
            allowed[entry.voter] = {entry.choice}
        elif entry.outcome == "info":
            allowed.setdefault(entry.voter, {0}).add(entry.choice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT voter_id, candidate_id, voided_at IS NULL FROM voting_vote")
        rows = cursor.fetchall()
    stored = {voter: choice for voter, choice, is_valid in rows if is_valid}
    lost = sum(stored.get(voter, 0) not in choices for voter, choices in allowed.items())
    standings = tally_of(Conference.objects.get(slug=SLUG)).standings
    tally = Counter({standing.candidate.pk: standing.votes for standing in standings})
    # While voting is open, a void vote stays in every figure.
    is_wrong = tally != Counter(choice for _, choice, _ in rows)
    return Verdict(lost, len(rows) - len({voter for voter, _, _ in rows}), is_wrong)


def outages(ledger: Ledger, times: list[float]) -> list[float]:
    """After each of these times, until the next, the longest time without a vote that was acknowledged."""
    good = sorted(entry.ended for entry in ledger.entries if entry.outcome == "ok")
    until = [*times[1:], good[-1] if good else 0.0]
    return [longest_gap(good, began, ends) for began, ends in zip(times, until, strict=True)]


def longest_gap(good: list[float], began: float, ends: float) -> float:
    seen = [began, *(time for time in good if began < time <= ends)]
    return max((after - before for before, after in pairwise(seen)), default=ends - began)
