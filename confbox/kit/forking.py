"""Processes that are forked from one that has imported the site, so that they share its memory."""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import Any

from django.db import connections

from confbox.kit.garbage import collect_seldom

FORK = multiprocessing.get_context("fork")
MAX_WAIT_SECONDS = 30.0
# Of Linux's prctl.
SET_DEATH_SIGNAL, SET_NAME = 1, 15
logger = logging.getLogger(__name__)


class Forks:
    """Those of this process, by their names."""

    def __init__(self) -> None:
        self.running: dict[str, ForkProcess] = {}
        # The garbage collector would write to what has been imported, and so copy it into each process.
        collect_seldom()

    def begin(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        """Unless one of this name is running."""
        if name in self.running:
            return
        # Two processes cannot use one connection.
        connections.close_all()
        process = FORK.Process(target=_run, args=(os.getpid(), name, target, *arguments))
        process.start()
        self.running[name] = process

    def forget_ended(self) -> None:
        for name, process in list(self.running.items()):
            if process.is_alive():
                continue
            if process.exitcode:
                logger.warning("The process “%s” ended with %s.", name, process.exitcode)
            del self.running[name]

    def stop(self) -> None:
        """Lets each worker finish its task."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        for process in self.running.values():
            process.join(max(0.1, deadline - time.monotonic()))
            process.kill()


def _run(parent: int, name: str, target: Callable[..., None], *arguments: Any) -> None:
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
