"""Processes that are forked from one that has imported the site, so that they share its memory."""

import ctypes
import logging
import mmap
import multiprocessing
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connections

from confbox.kit.garbage import collect_seldom

FORK = multiprocessing.get_context("fork")
MAX_WAIT_SECONDS = 30.0
NUMBER = struct.Struct("Q")
# Of Linux's prctl.
SET_DEATH_SIGNAL, SET_NAME = 1, 15
logger = logging.getLogger(__name__)


class Progress:
    """How often a fork has shown that it goes on, in memory that both share."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, NUMBER.size)
        self.known = self.silent_turns = 0

    def show(self) -> None:
        NUMBER.pack_into(self.memory, 0, self.shown() + 1)

    def shown(self) -> int:
        return int(NUMBER.unpack_from(self.memory)[0])

    def count_silent_turns(self) -> int:
        """None before the first sign: a fork that never gives one is watched by other means."""
        shown = self.shown()
        self.silent_turns = self.silent_turns + 1 if shown == self.known and shown else 0
        self.known = shown
        return self.silent_turns


# Of this process, if it is a fork.
_own: Progress | None = None


def show_progress() -> None:
    """Once a fork has called this, it is killed if it does not do so again for too long."""
    if _own:
        _own.show()


class Fork:
    def __init__(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        self.progress = Progress()
        self.process = FORK.Process(target=_run, args=(os.getpid(), name, self.progress, target, *arguments))
        self.process.start()


class Forks:
    """Those of this process, by their names."""

    def __init__(self) -> None:
        self.running: dict[str, Fork] = {}
        # The garbage collector would write to what has been imported, and so copy it into each process.
        collect_seldom()

    def begin(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        """Unless one of this name is running."""
        if name in self.running:
            return
        # Two processes cannot use one connection.
        connections.close_all()
        self.running[name] = Fork(name, target, *arguments)

    def forget_ended(self) -> None:
        for name, fork in list(self.running.items()):
            if fork.process.is_alive():
                continue
            if fork.process.exitcode:
                logger.warning("The process “%s” ended with %s.", name, fork.process.exitcode)
            del self.running[name]

    def kill_what_hangs(self, silent_turns: int) -> None:
        """What has shown no progress for so many calls of this.

        Calls, and not seconds of a clock: none counts while the whole machine is frozen.
        """
        for name, fork in self.running.items():
            if fork.progress.count_silent_turns() > silent_turns:
                logger.error("The process “%s” hangs and is killed.", name)
                fork.process.kill()

    def stop(self) -> None:
        """Lets each worker finish its task."""
        processes = [fork.process for fork in self.running.values()]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        for process in processes:
            process.join(max(0.1, deadline - time.monotonic()))
            process.kill()


def _run(parent: int, name: str, progress: Progress, target: Callable[..., None], *arguments: Any) -> None:
    global _own  # noqa: PLW0603  # there is one for each process
    _own = progress
    _forget_connections()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C reaches only the process that began this one, and ends all.
    os.setsid()
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
        library.prctl(SET_NAME, name.encode())
    # It may have died just before.
    if os.getppid() == parent:
        target(*arguments)


def _forget_connections() -> None:
    """Those of the parent are closed, and may wait for less long than the settings have it."""
    for alias in connections:
        with suppress(AttributeError):
            del connections[alias]
