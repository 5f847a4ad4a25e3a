"""Two processes `manage.py work` on the drill's clock, as on two hosts, that are frozen and killed."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from processes import children, kill, send, task_workers
from timetable_clock import frozen_file

HERE = Path(__file__).resolve().parent
HOSTS, IN_AN_EMAIL_SECONDS = 2, 6.0
VICTIMS = ("nobody", "worker", "host", "everything", "in an email")


class Workers:
    """`received` grows with each email that the mail server has taken."""

    def __init__(self, folder: Path, received: Path, chance: random.Random, did: Counter[str]) -> None:
        self.folder, self.received, self.random, self.did = folder, received, chance, did
        self.hosts: list[subprocess.Popen | None] = [None] * HOSTS

    def freeze(self) -> None:
        """The workers; no other is begun. What is due is done meanwhile."""
        frozen_file().touch()
        self._send_workers(signal.SIGSTOP)

    def unfreeze(self) -> None:
        frozen_file().unlink(missing_ok=True)
        self._send_workers(signal.SIGCONT)

    def _send_workers(self, number: int) -> None:
        for host in self.hosts:
            if host and host.poll() is None:
                for process in task_workers(host.pid):
                    send(process, number)

    def run(self) -> None:
        command = [sys.executable, str(HERE / "timetable_clock.py"), "work", "--processes", "2"]
        for n, host in enumerate(self.hosts):
            if host is None or host.poll() is not None:
                with (self.folder / "work.log").open("a") as log:
                    self.hosts[n] = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)

    def kill_some(self) -> None:
        victim = self.random.choice(VICTIMS)
        host = self.random.choice([h for h in self.hosts if h] or [None])
        if victim == "worker" and host and (workers := children(host.pid)):
            kill(self.random.choice(workers))
        elif victim == "host" and host and host.poll() is None:
            kill(host.pid)
            host.wait()
        elif victim == "everything":
            self.kill_all()
        elif victim == "in an email":
            size, started = self.received.stat().st_size, time.monotonic()
            while self.received.stat().st_size == size:
                if time.monotonic() - started > IN_AN_EMAIL_SECONDS:
                    return
                time.sleep(0.005)
            self.kill_all()
        self.did[f"killed: {victim}"] += 1

    def kill_all(self) -> None:
        for n, host in enumerate(self.hosts):
            if host and host.poll() is None:
                # It begins no other meanwhile.
                send(host.pid, signal.SIGSTOP)
                for number in [*children(host.pid), host.pid]:
                    kill(number)
                host.wait()
            self.hosts[n] = None
