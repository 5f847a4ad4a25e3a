"""Asks `/healthz` ten times a second, each time over a new connection, in a process of its own.

The threads of a drill that votes wait for each other; here, nothing waits but for the answer.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from statistics import median
from typing import Any

HEALTHY_SECONDS = 0.05
PAUSE_SECONDS = 0.1
ENDS_WITHIN_SECONDS = 70
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
Place = str | tuple[str, int]


class Monitor:
    """Begins once it is started, and has `seen` something once it is stopped."""

    def __init__(self, place: Place) -> None:
        self.place = place
        # When it began on the clock of all processes, how many seconds it took, and whether it was answered.
        self.seen: list[tuple[float, float, bool]] = []
        # How much later than after its pause the process itself went on, at most: how busy the machine was.
        self.late = 0.0

    def start(self) -> None:
        command = [sys.executable, __file__, json.dumps(self.place)]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=subprocess.PIPE)

    def stop(self) -> None:
        self.process.terminate()
        found = json.loads(self.process.communicate(timeout=ENDS_WITHIN_SECONDS)[0])
        self.seen = [(began, took, is_well) for began, took, is_well in found["seen"]]
        self.late = found["late"]

    def slowest(self) -> float:
        return max(took for _, took, _ in self.seen)

    def ill(self) -> int:
        return sum(not is_well for _, _, is_well in self.seen)

    def judge(self, name: str, until: float) -> list[str]:
        """Prints what was seen, also before this time, and returns what was wrong."""
        before = max((took for began, took, _ in self.seen if began < until), default=0.0)
        times = f"slowest {ms(self.slowest())}, median {ms(median(took for _, took, _ in self.seen))}"
        print(f"  /healthz of {name}: {times}, {self.ill()} of {len(self.seen)} not 200;", end=" ")
        print(f"slowest before {ms(before)}; who asked was late by {ms(self.late)} at most")
        is_wrong = self.slowest() > HEALTHY_SECONDS or self.ill() > 0
        return [f"/healthz of {name} took {ms(self.slowest())}"] * is_wrong


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def ask(place: Any) -> bool:
    family, address = (socket.AF_UNIX, place) if isinstance(place, str) else (socket.AF_INET, tuple(place))
    try:
        with socket.socket(family) as peer:
            peer.settimeout(60)
            peer.connect(address)
            peer.sendall(QUESTION)
            return peer.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def main() -> None:
    place, seen, late = json.loads(sys.argv[1]), [], 0.0
    is_ending = False

    def end(*_: Any) -> None:
        nonlocal is_ending
        is_ending = True

    signal.signal(signal.SIGTERM, end)
    gc.disable()
    # What is measured is the server, and not how long this process waits for a core. Root may.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    while not is_ending:
        began = time.monotonic()
        is_well = ask(place)
        ended = time.monotonic()
        seen.append((began, ended - began, is_well))
        time.sleep(PAUSE_SECONDS)
        late = max(late, time.monotonic() - ended - PAUSE_SECONDS)
    print(json.dumps({"seen": seen, "late": late}))


if __name__ == "__main__":
    main()
