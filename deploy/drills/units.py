"""Processes that are started again when they end, as systemd does with Restart=always and RestartSec=1."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from processes import children, kill, read
from site_under_test import HEAVY, HEAVY_SETTINGS, LIGHT, NGINX, ROOT, configure_nginx, wait_for

APPLICATION = "confbox.wsgi:application"
RESTART_SECONDS = 1.0
TICK_SECONDS = 0.02
STOPS_WITHIN_SECONDS = 40


class Unit:
    """A service of systemd with KillMode=mixed: when its main process has ended, so do all of its others."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.command, self.environment, self.folder = command, environment, folder
        self.ends = False
        self.process = self._start()
        self.known = [self.process.pid]
        self.watch = threading.Thread(target=self._watch, daemon=True)
        self.watch.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *self.command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _watch(self) -> None:
        """What it starts ends with this thread."""
        while True:
            self.known = children(self.process.pid) or self.known
            time.sleep(TICK_SECONDS)
            if self.process.poll() is None:
                continue
            for left in self.known:
                kill_if_of(left, self.command)
            time.sleep(0 if self.ends else RESTART_SECONDS)
            if self.ends:
                return
            self.process = self._start()

    def kill_main(self) -> None:
        self.process.kill()

    def kill_worker(self, turn: int) -> None:
        workers = children(self.process.pid)
        if workers:
            kill(workers[turn % len(workers)])

    def stop(self) -> None:
        self.ends = True
        self.process.terminate()
        self.watch.join(STOPS_WITHIN_SECONDS)
        self.process.kill()


def kill_if_of(pid: int, command: list[str]) -> None:
    """A process that still is what it was: its number may be another's by now."""
    if command[-1] in read(f"{pid}/cmdline"):
        kill(pid)


def take_over_mariadb(more: list[str]) -> Unit:
    """In place of the server of `deploy/with-mariadb`, on the same data, with these options besides."""
    pid = int(os.environ["MARIADB_PID"])
    command = read(f"{pid}/cmdline").rstrip("\0").split("\0")
    os.kill(pid, signal.SIGTERM)
    while is_running(pid):
        time.sleep(TICK_SECONDS)
    return Unit([*command, *more], dict(os.environ), Path(os.environ["MARIADB_FOLDER"]))


def is_running(pid: int) -> bool:
    state = read(f"{pid}/stat").rpartition(")")[2].split()
    return bool(state) and state[0] != "Z"


class Units:
    """Everything that serves the site, at the port."""

    def __init__(self, folder: Path, port: int, more: list[str], application: str = APPLICATION) -> None:
        configure_nginx(folder, port, {}, None, r"web-\1.sock")
        self.database = take_over_mariadb(more)
        wait_for(os.environ["MARIADB_SOCKET"])
        sockets = [f"{folder}/web-{number}.sock" for number in (1, 2)]
        heavy = [*HEAVY, "--bind", f"unix:{folder}/heavy.sock", application]
        self.web = [
            Unit([*LIGHT, "--bind", f"unix:{file}", "--instances", "2", application], dict(os.environ), ROOT)
            for file in sockets
        ]
        self.heavy = Unit(heavy, os.environ | HEAVY_SETTINGS, ROOT)
        self.nginx = Unit([str(NGINX), "-c", str(folder / "nginx.conf")], dict(os.environ), ROOT)
        self.all = [self.nginx, *self.web, self.heavy, self.database]
        for place in (*sockets, f"{folder}/heavy.sock", port):
            wait_for(place)

    def kills(self) -> dict[str, Callable[[int], None]]:
        return {
            "web worker": lambda turn: self.web[turn % 2].kill_worker(turn),
            "main process": lambda turn: self.web[turn % 2].kill_main(),
            "MariaDB": lambda turn: self.database.kill_main(),
        }

    def stop(self) -> None:
        for unit in self.all:
            unit.stop()
