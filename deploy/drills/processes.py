"""Processes that drills look at and kill."""

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


def command_of(number: int) -> str:
    return read(f"{number}/cmdline")


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
    os.kill(number, signal.SIGKILL)
