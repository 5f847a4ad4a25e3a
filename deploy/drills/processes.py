"""Processes that drills look at and kill."""

import contextlib
import os
import signal
import socket
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(number: int) -> list[int]:
    return [int(n) for n in read(f"{number}/task/{number}/children").split()]


def task_workers(number: int) -> list[int]:
    """Of a process `manage.py work`: those that run tasks, but not the one that asks what is due."""
    return [child for child in children(number) if name_of(child).startswith("tasks")]


def name_of(number: int) -> str:
    return read(f"{number}/comm").strip()


def peak_memory(number: int) -> int:
    lines = read(f"{number}/status").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def read(path: str) -> str:
    """Empty once the process has ended."""
    try:
        return Path("/proc", path).read_text()
    except OSError:
        return ""


def kill(number: int) -> None:
    send(number, signal.SIGKILL)


def send(number: int, what: int) -> None:
    """A worker may just have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, what)
