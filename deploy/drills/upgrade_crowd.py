"""Members who open the ballot and vote, each once a second, and what they notice."""

import re
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from random import Random

from fresh_box_people import Visitor

ONE_EVERY_SECONDS = 1.0
# The crowd goes on for so long before and after, so that a gap there shows.
MARGIN_SECONDS = 3


@dataclass
class Seen:
    ended: float
    seconds: float
    error: str


class Person:
    """One connection, logged in; opens the ballot and votes, in turn."""

    def __init__(self, certificate: Path, slug: str, member: int, session: str) -> None:
        self.browser = Visitor(certificate)
        self.browser.cookies["__Host-sessionid"] = session
        self.member, self.path = member, f"/conferences/{slug}/"
        self.draw, self.form = Random(member), {}

    def act(self) -> tuple[str, int]:
        """What went wrong, and the candidate if a vote was acknowledged."""
        if not self.form:
            return self.open_ballot(), 0
        form, self.form = self.form, {}
        status, _, there = self.browser.ask("POST", f"{self.path}vote/", form)
        return ("", int(form["candidate"])) if status == 302 else (f"vote {status} {there}", 0)

    def open_ballot(self) -> str:
        status, page, there = self.browser.ask("GET", f"{self.path}ballot/")
        candidates = re.findall(r'name="candidate"[^>]*?\svalue="(\d+)"', page)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if status != 200 or not candidates or not token:
            return f"ballot {status} {there}"
        self.form = {"candidate": self.draw.choice(candidates), "csrfmiddlewaretoken": token[1]}
        return ""


class Crowd:
    """Is there within `with`."""

    def __init__(self, certificate: Path, slug: str, sessions: list[tuple[int, str]]) -> None:
        self.people = [Person(certificate, slug, member, session) for member, session in sessions]
        self.acknowledged: dict[int, int] = {}

    def __enter__(self) -> None:
        self.seen: list[Seen] = []
        self.ends = threading.Event()
        self.began = time.monotonic()
        turns = enumerate(self.people)
        self.threads = [threading.Thread(target=self.go, args=turn) for turn in turns]
        for thread in self.threads:
            thread.start()
        time.sleep(MARGIN_SECONDS)

    def __exit__(self, *_: object) -> None:
        time.sleep(MARGIN_SECONDS)
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def go(self, place: int, person: Person) -> None:
        """At fixed times, whatever the request before took."""
        due = self.began + place * ONE_EVERY_SECONDS / len(self.people)
        while not self.ends.wait(max(0, due - time.monotonic())):
            try:
                error, candidate = person.act()
            except (OSError, HTTPException) as failure:
                error, candidate = type(failure).__name__, 0
                person.browser.peer.close()
            if candidate:
                self.acknowledged[person.member] = candidate
            self.seen.append(Seen(time.monotonic(), time.monotonic() - due, error))
            due += ONE_EVERY_SECONDS

    def longest_gap(self) -> float:
        """Seconds without a good answer."""
        times = sorted(one.ended for one in self.seen if not one.error)
        return max(after - before for before, after in pairwise(times))

    def summary(self) -> str:
        times = sorted(one.seconds for one in self.seen)
        lasted = max(one.ended for one in self.seen) - self.began
        return (
            f"{len(times)} requests in {lasted:.0f} s ({len(times) / lasted:.0f}/s), "
            f"median {times[len(times) // 2] * 1000:.0f} ms, 99 % within "
            f"{times[len(times) * 99 // 100] * 1000:.0f} ms, all within {times[-1] * 1000:.0f} ms, "
            f"longest gap {self.longest_gap() * 1000:.0f} ms, "
            f"{sum(bool(one.error) for one in self.seen)} failed"
        )

    def faults(self, gap: float) -> list[str]:
        errors = sorted({one.error for one in self.seen if one.error})
        failed = sum(bool(one.error) for one in self.seen)
        times = [one.ended - self.began for one in self.seen if one.error]
        found = []
        if failed:
            when = f"{min(times):.1f} to {max(times):.1f} s"
            found = [f"{failed} requests failed ({', '.join(errors)}; after {when})"]
        return found + ([f"a gap of {self.longest_gap():.2f} s"] if self.longest_gap() > gap else [])
