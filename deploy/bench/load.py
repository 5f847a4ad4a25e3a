"""A client that costs little: a fixed number of connections, each with one request at a time.

What one person does is a list of requests that follow each other on one connection, such as a vote and the
page after it; its time is from the first byte sent to the last one received.
"""

import re
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# What the next page says was done; a browser sends it back.
MESSAGE = re.compile(rb"\r\nset-cookie: *((?:messages|voted)=[^;\r]*)", re.IGNORECASE)
GIVE_UP_SECONDS = 20


@dataclass
class Run:
    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[bytes] = field(default_factory=Counter)
    bytes_received: int = 0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        ranked = sorted(self.latencies)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]


class Connection:
    def __init__(self, port: int, run: Run) -> None:
        self.port, self.run = port, run
        self.waiting: list[bytes] = []
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def begin(self, requests: list[bytes]) -> None:
        self.waiting, self.began = requests[::-1], time.perf_counter()
        self.send(self.waiting.pop())

    def send(self, request: bytes) -> None:
        self.last = request
        self.socket.sendall(request)

    def read(self) -> bool:
        """Whether the last response is complete, and nothing waits to be sent."""
        part = self.socket.recv(262_144)
        if not part:
            if self.received:
                self.run.statuses[b"cut"] += 1
            raise ConnectionResetError
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        length = LENGTH.search(head)
        if length is None:
            raise SystemExit(f"A response without a length: {head[:200]!r}")
        if len(body) < int(length[1]):
            return False
        self.run.statuses[head[9:12]] += 1
        self.run.bytes_received += len(self.received)
        self.received = b""
        if not self.waiting:
            self.run.latencies.append(time.perf_counter() - self.began)
            return True
        message = MESSAGE.search(head)
        request = self.waiting.pop()
        self.send(
            request.replace(b"\r\nCookie: ", b"\r\nCookie: " + message[1] + b"; ") if message else request
        )
        return False


def measure(port: int, people: Iterator[list[bytes]], *, connections: int, seconds: float) -> Run:
    """As many requests as fit into these seconds; those that have begun are waited for."""
    poll, run, began = select.epoll(), Run(seconds), time.perf_counter()
    known: dict[int, Connection] = {}
    for _ in range(connections):
        connection = Connection(port, run)
        known[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
        connection.begin(next(people))
    ends, busy = began + seconds, len(known)
    while busy:
        found = poll.poll(GIVE_UP_SECONDS)
        if not found:
            raise SystemExit("The server has stopped answering.")
        for number, _ in found:
            try:
                is_done = known[number].read()
            except ConnectionResetError:
                _reconnect(known, number, poll)
                continue
            if is_done and time.perf_counter() < ends:
                known[number].begin(next(people))
            elif is_done:
                busy -= 1
                poll.unregister(number)
    run.seconds = time.perf_counter() - began
    for connection in known.values():
        connection.socket.close()
    return run


def _reconnect(known: dict[int, Connection], number: int, poll: select.epoll) -> None:
    """A server may close a connection between two requests, for instance as its worker restarts."""
    connection = known.pop(number)
    poll.unregister(number)
    connection.socket.close()
    connection.connect()
    known[connection.socket.fileno()] = connection
    poll.register(connection.socket, select.EPOLLIN)
    connection.send(connection.last)
