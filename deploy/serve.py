"""Granian in production, for all but the expensive requests.

    .venv/bin/python deploy/serve.py --bind unix:/run/conferencebox-web-1/web.sock --instances 2
    .venv/bin/python deploy/serve.py --bind 10.0.0.12:8000

Granian restarts what ends. This adds what gunicorn has besides: it notifies systemd, a worker that hangs is
killed, and threads stay. Each worker sends its process ID through a pipe once a second; the first time, it is
ready. While none does, systemd's watchdog is not fed.

The file of the socket is there only while requests are answered soon: it gets its name once all workers are
ready, and loses it before they stop. Without it, nginx asks another instance.
"""

import argparse
import multiprocessing
import os
import resource
import select
import signal
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

ROOT = Path(__file__).resolve().parents[1]
# The application is at the root, and not beside this file.
sys.path[0] = str(ROOT)

from confbox.kit.garbage import collect_seldom
from confbox.kit.systemd import notify_systemd

# What granian answers there without Python, so that it takes no time even while every thread waits.
HEALTHZ = ROOT / "deploy/healthz.txt"
WORKERS_OF_HOST = int(os.environ.get("WEB_WORKERS") or 2)
THREADS = int(os.environ.get("WEB_THREADS") or 12)
HANGS_AFTER_SECONDS = 30
# As many requests as Linux lets wait (net.core.somaxconn); nginx answers further ones with an error page.
BACKLOG = 4096
# Longer than nginx keeps an idle connection to us, so that nginx never uses one that we close.
IDLE_SECONDS = 75
# More than nginx sends (large_client_header_buffers).
HEAD_BYTES = 64 * 1024
STOPS_WITHIN_SECONDS = 30
# What has connected until the socket loses its name is accepted within this time.
ACCEPTED_WITHIN_SECONDS = 0.5
IDLE_THREAD_SECONDS = 600
FOREVER_SECONDS = 10 * 365 * 24 * 3600
# A new worker gets this long to load the application before the old one stops.
LOADS_WITHIN_SECONDS = 5
# Limits a slow memory leak in any library.
MEMORY_OF_A_WORKER_MB = 400
NICENESS_WHILE_LOADING = 10
RLIMIT_OF_NICE_0 = 20
TO_STDERR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
PROCESS_ID = struct.Struct("i")


class Watch:
    """What the workers send, read by a thread of the main process."""

    def __init__(self, workers: int, when_ready: Callable[[], None]) -> None:
        self.workers, self.when_ready = workers, when_ready
        self.reading, self.writing = os.pipe()
        # Turns of this loop, and not seconds of a clock: none counts while the whole machine stands still.
        self.silent_turns: dict[int, int] = {}

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        ready: set[int] = set()
        while True:
            time.sleep(1)
            heard = self._heard()
            self._kill_what_hangs(heard)
            if len(ready) < self.workers <= len(ready | heard):
                self.when_ready()
                notify_systemd("READY=1")
            ready |= heard
            if heard and len(ready) >= self.workers:
                notify_systemd("WATCHDOG=1")

    def _heard(self) -> set[int]:
        heard: set[int] = set()
        while select.select([self.reading], [], [], 0)[0]:
            heard |= {number for (number,) in PROCESS_ID.iter_unpack(os.read(self.reading, 4096))}
        return heard

    def _kill_what_hangs(self, heard: set[int]) -> None:
        """Granian starts another one."""
        before, self.silent_turns = self.silent_turns, {}
        for worker in multiprocessing.active_children():
            number = worker.pid or 0
            turns = self.silent_turns[number] = 0 if number in heard else before.get(number, 0) + 1
            if turns > HANGS_AFTER_SECONDS:
                print(f"Worker {number} does not respond and is killed.", file=sys.stderr, flush=True)
                worker.kill()


def load(application: str, watch: Watch, main_process: int) -> Callable[..., Any]:
    """Runs in each worker."""
    # Until granian sets its own: a worker inherits that of the main process, which does nothing here.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with first_for_those_that_serve():
        module, _, name = application.partition(":")
        loaded: Callable[..., Any] = getattr(import_module(module), name)
        warm_up(loaded)
        collect_seldom()
    threading.Thread(target=live, args=(watch, main_process), daemon=True).start()
    return loaded


@contextmanager
def first_for_those_that_serve() -> Iterator[None]:
    """While a worker loads the application, the others have the processor first.

    Only where the unit allows the worker to come back (LimitNICE).
    """
    may_return = resource.getrlimit(resource.RLIMIT_NICE)[0] >= RLIMIT_OF_NICE_0
    before = os.getpriority(os.PRIO_PROCESS, 0)
    if may_return:
        os.setpriority(os.PRIO_PROCESS, 0, before + NICENESS_WHILE_LOADING)
    yield
    if may_return:
        os.setpriority(os.PRIO_PROCESS, 0, before)


def warm_up(application: Callable[..., Any]) -> None:
    """Asks for a page, so that no visitor waits for what the first one loads: routes, templates, texts."""
    host = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0] or "localhost"
    environ: dict[str, Any] = {"HTTP_HOST": host, "REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "127.0.0.1"}
    environ |= {"HTTP_X_FORWARDED_PROTO": "https"}
    setup_testing_defaults(environ)
    # Without a database there is no page, and those for whom that matters ask /readyz.
    with suppress(Exception):
        answer = application(environ, lambda *_: None)
        b"".join(answer)
        getattr(answer, "close", lambda: None)()


def live(watch: Watch, main_process: int) -> None:
    while os.getppid() == main_process:
        os.write(watch.writing, PROCESS_ID.pack(os.getpid()))
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def keep_threads(server: Server) -> None:
    """After granian has checked its settings, which allow ten minutes at most before an idle thread ends.

    The connection to the database of such a thread would stay open, and what Python runs as the thread ends
    can crash the worker.
    """
    server.blocking_threads_idle_timeout = FOREVER_SECONDS


def place(text: str) -> dict[str, Any]:
    host, _, rest = text.rpartition(":")
    return {"uds": Path(rest)} if host == "unix" else {"address": host, "port": int(rest)}


class Socket:
    """The file nginx connects to."""

    def __init__(self, file: Path) -> None:
        self.file, self.unready = file, file.with_name(f"{file.name}.unready")
        for left in (self.file, self.unready):
            # That of a server that was killed.
            if left.exists() and stat.S_ISSOCK(left.stat().st_mode):
                left.unlink()

    def show(self) -> None:
        self.unready.replace(self.file)

    def hide_before_the_stop(self) -> None:
        """After granian has set its own reaction to the signal, which stops accepting immediately."""
        stops = signal.getsignal(signal.SIGTERM)

        def stop_later(number: int, frame: Any) -> None:
            self.file.unlink(missing_ok=True)
            time.sleep(ACCEPTED_WITHIN_SECONDS)
            if callable(stops):
                stops(number, frame)

        signal.signal(signal.SIGTERM, stop_later)


def make_server(application: str, bind: dict[str, Any], workers: int) -> Server:
    return Server(
        application,
        **bind,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        websockets=False,
        static_path_route=["/healthz"],
        static_path_mount=[HEALTHZ],
        static_path_expires=0,
        workers=workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=IDLE_THREAD_SECONDS,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        respawn_interval=LOADS_WITHIN_SECONDS,
        workers_kill_timeout=STOPS_WITHIN_SECONDS,
        workers_max_rss=MEMORY_OF_A_WORKER_MB,
        # Requests are in nginx's log, without what is secret in their URLs.
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {"console": TO_STDERR, "access": TO_STDERR}},
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--bind", type=place, required=True, help="unix:FILE or HOST:PORT")
    options.add_argument("--instances", type=int, default=1, help="among which WEB_WORKERS is divided")
    options.add_argument("application", nargs="?", default="confbox.wsgi:application")
    chosen = options.parse_args()
    file = Socket(chosen.bind["uds"]) if "uds" in chosen.bind else None
    # The pipe is inherited; Python 3.14 would start workers that inherit nothing.
    multiprocessing.set_start_method("fork")
    workers = max(1, -(-WORKERS_OF_HOST // chosen.instances))
    watch = Watch(workers, file.show if file else lambda: None)
    server = make_server(chosen.application, {"uds": file.unready} if file else chosen.bind, workers)
    server.on_startup(watch.start)
    server.on_startup(partial(keep_threads, server))
    if file:
        server.on_startup(file.hide_before_the_stop)
    server.serve(target_loader=partial(load, chosen.application, watch, os.getpid()), wrap_loader=False)


if __name__ == "__main__":
    main()
