"""The people of `rush.py`: each one connection and one request at a time, in one thread that costs little.

Reads the people from the standard input and writes what they saw to the standard output, both as JSON. They
follow what a page says: one that tells them to wait is asked again after the seconds it names, and a form
in it is sent.
"""

import contextlib
import gzip
import heapq
import json
import re
import resource
import select
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *((?:messages|voted)=[^;\r]*)", re.IGNORECASE)
REFRESH = re.compile(rb"\r\nrefresh: *(\d+)\r\n", re.IGNORECASE)
CONTINUE = re.compile(rb'<form method="post" action="([^"]+)" data-continue="(\d+)">(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(rb'<input type="hidden" name="(\w+)" value="(\w*)">')
BY_SCRIPT = re.compile(rb"\r\nHX-[^\r]*")
STEPS = ("ballot", "vote", "next page")


@dataclass
class Seen:
    times: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    """Seconds of each request that was let in."""
    done: list[float] = field(default_factory=list)
    """Seconds from the beginning until each person had seen the page after the vote."""
    stays: list[float] = field(default_factory=list)
    """Seconds that each of them took, with the time to think."""
    waits: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    acknowledged: list[int] = field(default_factory=list)


class Person:
    def __init__(self, number: int, facts: dict[str, Any], crowd: "Crowd") -> None:
        self.number, self.crowd = number, crowd
        self.page, self.form = facts["ballot"].encode(), facts["vote"].encode()
        self.step, self.again = 0, b""
        self.peer: socket.socket | None = None

    def come(self) -> None:
        self.came = time.monotonic()
        self.ask()

    def ask(self) -> None:
        """Sends the request of the step, or the one that the page for those who wait has named."""
        self.began, self.received = time.monotonic(), b""
        self.left = self.again or (self.form if self.step == 1 else self.page)
        try:
            if self.peer is None:
                self.connect()
            self.write()
        except OSError as error:
            self.fail(type(error).__name__)

    def connect(self) -> None:
        self.peer = socket.socket()
        self.peer.setblocking(False)
        self.peer.bind((f"127.20.{self.number // 250}.{self.number % 250 + 1}", 0))
        with contextlib.suppress(BlockingIOError):
            self.peer.connect(("127.0.0.1", self.crowd.port))
        self.crowd.watch(self)

    def write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.left = self.left[self.peer.send(self.left) :]
        self.crowd.poll.modify(self.peer, select.EPOLLIN | (select.EPOLLOUT if self.left else 0))

    def notice(self, event: int) -> None:
        try:
            if event & select.EPOLLOUT and self.left:
                self.write()
            if event & ~select.EPOLLOUT:
                self.read()
        except OSError as error:
            self.fail(type(error).__name__)

    def read(self) -> None:
        part = self.peer.recv(262_144)
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not part:
            self.leave()
            if self.received or self.is_asking():
                self.fail("cut off")
        elif end and is_complete(head, body):
            self.judge(head, body)

    def is_asking(self) -> bool:
        return self.began > 0

    def judge(self, head: bytes, body: bytes) -> None:
        took, self.began, self.received = time.monotonic() - self.began, 0.0, b""
        status = int(head[9:12])
        if b"\r\nConnection: close" in head:
            self.leave()
        if status == 200 or (status == 302 and self.step == 1):
            self.crowd.seen.times[STEPS[self.step]].append(took)
            self.go_on(head, is_shown=status == 200)
        elif status == 503 and self.is_told_to_wait(head, plain(head, body)):
            self.crowd.seen.waits[STEPS[self.step]] += 1
        else:
            self.fail(str(status))

    def go_on(self, head: bytes, *, is_shown: bool) -> None:
        """A vote that a script has sent is answered with what is to be shown, any other with a redirect."""
        self.again = b""
        self.step += 1
        if self.step == 2:
            self.crowd.seen.acknowledged.append(self.number)
        if self.step == 2 and not is_shown:
            if cookie := COOKIE.search(head):
                self.page = self.page.replace(b"\r\nCookie: ", b"\r\nCookie: " + cookie[1] + b"; ")
            self.ask()
        elif self.step == 1:
            self.crowd.later(self.crowd.think * (self.number % 100) / 100, self.ask)
        else:
            now = time.monotonic()
            self.crowd.seen.done.append(now - self.crowd.began)
            self.crowd.seen.stays.append(now - self.came)
            self.end()

    def is_told_to_wait(self, head: bytes, body: bytes) -> bool:
        """Does what the page says; one that only says to come back is an error page."""
        if found := CONTINUE.search(body):
            fields = b"&".join(name + b"=" + value for name, value in HIDDEN.findall(found[3]))
            head = BY_SCRIPT.sub(b"", self.form.partition(b"\r\n\r\n")[0]).partition(b"\r\n")[2]
            head = re.sub(rb"\r\nContent-Length: \d+", b"\r\nContent-Length: %d" % len(fields), head)
            self.again = b"POST " + found[1] + b" HTTP/1.1\r\n" + head + b"\r\n\r\n" + fields
            self.crowd.later(int(found[2]), self.ask)
        elif self.step != 1 and (found := REFRESH.search(head + b"\r\n")):
            self.crowd.later(int(found[1]), self.ask)
        return bool(found)

    def fail(self, what: str) -> None:
        self.crowd.seen.errors[f"{STEPS[self.step]}: {what}"] += 1
        self.end()

    def end(self) -> None:
        self.leave()
        self.crowd.left -= 1

    def leave(self) -> None:
        if self.peer is not None:
            del self.crowd.known[self.peer.fileno()]
            self.peer.close()
            self.peer = None


class Crowd:
    def __init__(self, port: int, people: list[dict[str, Any]], *, arrive: float, think: float) -> None:
        self.port, self.think, self.seen = port, think, Seen()
        self.poll, self.known = select.epoll(), dict[int, Person]()
        self.due: list[tuple[float, int, Any]] = []
        self.order = self.left = 0
        self.began = time.monotonic() + 1
        self.left = len(people)
        for number, facts in enumerate(people):
            self.later(1 + arrive * number / len(people), Person(number, facts, self).come)

    def later(self, seconds: float, what: Any) -> None:
        self.order += 1
        heapq.heappush(self.due, (time.monotonic() + seconds, self.order, what))

    def watch(self, person: Person) -> None:
        self.known[person.peer.fileno()] = person
        self.poll.register(person.peer, select.EPOLLIN | select.EPOLLOUT)

    def run(self, seconds: float) -> None:
        ends = self.began + seconds
        while self.left and (now := time.monotonic()) < ends:
            while self.due and self.due[0][0] <= now:
                heapq.heappop(self.due)[2]()
            pause = min(1.0, max(0.0, self.due[0][0] - now)) if self.due else 1.0
            for number, event in self.poll.poll(pause):
                if person := self.known.get(number):
                    person.notice(event)
        self.seen.errors["not done"] += self.left


def is_complete(head: bytes, body: bytes) -> bool:
    if length := LENGTH.search(head):
        return len(body) >= int(length[1])
    return bool(CHUNKED.search(head)) and body.endswith(b"\r\n0\r\n\r\n")


def plain(head: bytes, body: bytes) -> bytes:
    """What the browser shows of a response that may be compressed, and sent in parts."""
    whole = body
    if CHUNKED.search(head):
        whole = b""
        while size := int(body.partition(b"\r\n")[0], 16):
            body = body.partition(b"\r\n")[2]
            whole, body = whole + body[:size], body[size + 2 :]
    return gzip.decompress(whole) if b"\r\nContent-Encoding: gzip" in head else whole


def main() -> None:
    said = json.load(sys.stdin)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd = Crowd(said["port"], said["people"], arrive=said["arrive"], think=said["think"])
    crowd.run(said["seconds"])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps(vars(crowd.seen) | {"cpu": usage.ru_utime + usage.ru_stime}))


if __name__ == "__main__":
    main()
