#!/usr/bin/env python3
"""Granian, which serves the pages, beside gunicorn, both as shipped and behind the shipped nginx.

    deploy/bench/run servers [--rounds 5] [--seconds 4] [--threads 12]

First votes and ballots, in rounds in which the servers take turns: how many a second, and milliseconds of
processor time of the server. Then, under load: what fails while it is reloaded, while one of its processes is
killed and while it stops; how long a request waits beside a hundred clients that never send all of theirs;
and its memory.
"""

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/drills"))

from load import Run, measure
from pages import cpu_seconds_of
from processes import children, free_port, read
from site_under_test import (
    GUNICORN,
    LIGHT,
    NGINX,
    configure_nginx,
    prepared_site,
    wait_for,
)

WORKERS, CLIENTS, SLOW = 2, 32, 100
# The requests of this benchmark come from one IP address.
UNLIMITED = {"persons-limits.conf": "", "strangers-limits.conf": ""}
# Status, and the seconds of each try.
LOGGED = re.compile(r"^\S+ \S+ \S+ \S+ (\d+) \d+ [\d.]+ upstream .*?([\d.]+(?:, [\d.]+)*)$", re.MULTILINE)


class Server:
    def __init__(self, name: str, folder: Path, command: list[str], threads: int) -> None:
        self.name, self.folder, self.port = f"{name}, {WORKERS} x {threads}", folder, free_port()
        self.threads, self.socket_file = threads, folder / "web.sock"
        folder.mkdir()
        self.command = [*command, "--bind", f"unix:{self.socket_file}"]
        configure_nginx(folder, self.port, UNLIMITED, None)
        self.nginx = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf")])
        wait_for(self.port)
        self.start()

    def start(self) -> None:
        more = {"WEB_WORKERS": str(WORKERS), "WEB_THREADS": str(self.threads)}
        self.web = subprocess.Popen(self.command, cwd=ROOT, env=os.environ | more, stderr=subprocess.DEVNULL)
        for _ in range(150):
            with socket.socket(socket.AF_UNIX) as peer:
                if peer.connect_ex(str(self.socket_file)) == 0 and len(children(self.web.pid)) == WORKERS:
                    return
            time.sleep(0.2)
        raise SystemExit(f"{self.name} did not start.")

    def cpu_seconds(self) -> float:
        return sum(map(cpu_seconds_of, [self.web.pid, *children(self.web.pid)]))

    def memory_mb(self) -> float:
        rollups = [read(f"{pid}/smaps_rollup") for pid in [self.web.pid, *children(self.web.pid)]]
        return sum(int(re.findall(r"^Pss: +(\d+)", text, re.MULTILINE)[0]) for text in rollups if text) / 1024

    def end(self) -> None:
        for process in (self.nginx, self.web):
            process.terminate()
            process.wait(40)

    def restart(self) -> None:
        self.web.terminate()
        self.web.wait(40)
        self.socket_file.unlink(missing_ok=True)
        self.start()


def load(server: Server, scenario: str, voters: list, seconds: float) -> tuple[Run, float]:
    from people import requests_of

    before = server.cpu_seconds()
    run = measure(server.port, requests_of(scenario, voters), connections=CLIENTS, seconds=seconds)
    return run, 1000 * (server.cpu_seconds() - before) / len(run.latencies)


def speed(servers: list[Server], voters: list, options: argparse.Namespace) -> None:
    for scenario in ("vote", "ballot"):
        found: dict[str, list[tuple[Run, float]]] = {server.name: [] for server in servers}
        for server in servers:
            load(server, scenario, voters, 2)
        for number in range(options.rounds):
            for server in servers[:: (-1) ** number]:
                found[server.name].append(load(server, scenario, voters, options.seconds))
        print(f"\n{scenario}: {CLIENTS} clients, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}")
        for name, runs in found.items():
            print(f"  {name}: {in_words(runs)}", flush=True)


def in_words(runs: list[tuple[Run, float]]) -> str:
    rates, cpu = [run.rate for run, _ in runs], [ms for _, ms in runs]
    p99 = statistics.median(run.percentile_ms(0.99) for run, _ in runs)
    wrong = sum(count for run, _ in runs for status, count in run.statuses.items() if status[:1] == b"5")
    ms = f"{statistics.median(cpu):.2f} ms ({min(cpu):.2f} to {max(cpu):.2f})"
    rate = f"{statistics.median(rates):,.0f} a second ({min(rates):,.0f} to {max(rates):,.0f})"
    return f"{rate}, p99 {p99:.0f} ms, web CPU {ms}, {wrong} refused"


def under_load(server: Server, voters: list, act: Callable[[], object], seconds: float = 8) -> str:
    """What the clients were answered while this was done to the server, once after three seconds."""
    log = server.folder / "conferencebox.access.log"
    log.write_text("")
    timer = threading.Timer(3, act)
    timer.start()
    run = load(server, "ballot", voters, seconds)[0]
    timer.join()
    statuses = ", ".join(f"{status.decode()}: {count}" for status, count in sorted(run.statuses.items()))
    # A request that the server had taken, and not one that nginx could not give to it.
    failed = [tries.split(", ") for status, tries in LOGGED.findall(log.read_text()) if status == "503"]
    cut = sum(max(map(float, tries)) > 0.005 for tries in failed)
    return f"{statuses}; cut off while it was answered: {cut}; slowest {1000 * max(run.latencies):.0f} ms"


def kill_worker(server: Server) -> None:
    os.kill(children(server.web.pid)[0], signal.SIGKILL)


def beside_slow_clients(server: Server, request: bytes) -> str:
    """Without nginx, which takes the whole request of a slow client first."""
    slow = [connect(server) for _ in range(SLOW)]
    for peer in slow:
        peer.sendall(request[: len(request) // 2])
    time.sleep(1)
    took = []
    for _ in range(10):
        began = time.monotonic()
        with connect(server) as peer:
            peer.settimeout(20)
            peer.sendall(request)
            try:
                peer.recv(100)
            except TimeoutError:
                return "not answered within 20 s"
        took.append(time.monotonic() - began)
    for peer in slow:
        peer.close()
    return f"slowest of ten requests {1000 * max(took):.0f} ms"


def connect(server: Server) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(str(server.socket_file))
    return peer


def behaviour(server: Server, voters: list) -> None:
    print(f"\n{server.name}\n  memory after the rounds: {server.memory_mb():.0f} MB", flush=True)
    print(
        f"  reload: {under_load(server, voters, lambda: server.web.send_signal(signal.SIGHUP))}", flush=True
    )
    server.restart()
    load(server, "ballot", voters, 2)
    print(f"  kill of a worker: {under_load(server, voters, lambda: kill_worker(server))}", flush=True)
    server.restart()
    load(server, "ballot", voters, 2)
    head = voters[0].ballot().replace(b"\r\n", b"\r\nX-Real-IP: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n", 1)
    print(f"  beside {SLOW} slow clients: {beside_slow_clients(server, head)}", flush=True)
    server.restart()
    load(server, "ballot", voters, 2)
    print(f"  stop: {under_load(server, voters, server.web.terminate, 4)}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--threads", type=int, action="append")
    parser.add_argument("--only-speed", action="store_true")
    options = parser.parse_args()
    with prepared_site() as folder:
        from people import make_people

        voters = make_people(options.members, 1000)
        servers = start(folder, options)
        try:
            speed(servers, voters, options)
            for server in servers if not options.only_speed else []:
                behaviour(server, voters)
        finally:
            for server in servers:
                server.end()
    return 0


def start(folder: Path, options: argparse.Namespace) -> list[Server]:
    return [
        Server(name, folder / f"{name}{threads}", command, threads)
        for threads in options.threads or [12]
        for name, command in (("granian", LIGHT), ("gunicorn", GUNICORN))
    ]


if __name__ == "__main__":
    raise SystemExit(main())
