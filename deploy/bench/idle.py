#!/usr/bin/env python3
"""Measures what `manage.py work` costs while nothing is due, and how soon an email leaves.

    [deploy/with-mariadb] .venv/bin/python deploy/bench/idle.py [--seconds 60] [--emails 5]

It starts the process on a database of its own with a conference whose vote is open, waits until all emails
of the start have left, and measures for a minute: processor time of the process and its children, from
/proc/PID/stat, and their memory, in which a shared page counts by its share (Pss), from smaps_rollup.
"""

import argparse
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "drills"))

from processes import children, free_port, read
from site_under_test import ROOT, environment_of_workers, set_up_database

SINK = ROOT / "deploy/drills/campaign_sink.py"
TICKS = os.sysconf("SC_CLK_TCK")
SETTLE_SECONDS, PATIENCE_SECONDS = 30, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--emails", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port, received = free_port(), Path(folder) / "received"
        received.touch()
        set_up(Path(folder), port)
        sink = subprocess.Popen([sys.executable, SINK, "aiosmtpd", str(port), received])
        work = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT)
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.1)
            time.sleep(SETTLE_SECONDS)
            measure(work.pid, lambda: time.sleep(options.seconds))
            waits: list[float] = []
            measure(work.pid, lambda: waits.extend(wait_of_email(received) for _ in range(options.emails)))
            print(f"an email leaves after {statistics.median(waits):.2f} s, {max(waits):.2f} s at most")
        finally:
            for process in (work, sink):
                process.terminate()
                process.wait(60)


def set_up(folder: Path, port: int) -> None:
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/database.sqlite3")
    os.environ |= environment_of_workers(folder, port)
    set_up_database()
    from conferences.tests.factories import make_conference
    from voting.tests.campaigns import make_members

    make_members(make_conference(voting="open"), 20)


def measure(parent: int, meanwhile: Callable[[], None]) -> None:
    processes = [parent, *children(parent)]
    before, started = sum(map(ticks_of, processes)), time.monotonic()
    meanwhile()
    share = (sum(map(ticks_of, processes)) - before) / TICKS / (time.monotonic() - started)
    memory = [pss_of(number) for number in [parent, *children(parent)]]
    print(f"{share:.2%} of a core, {sum(memory)} MB ({', '.join(map(str, memory))})", flush=True)


def ticks_of(process: int) -> int:
    """Processor time, with that of the children that it has waited for."""
    return sum(map(int, read(f"{process}/stat").rpartition(")")[2].split()[11:15]))


def pss_of(process: int) -> int:
    lines = read(f"{process}/smaps_rollup").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) // 1024


def wait_of_email(received: Path) -> float:
    from django.core.mail import EmailMessage

    from confbox.kit.email_sending import send_email

    time.sleep(3.0 + secrets.randbelow(1000) / 1000)
    address, started = f"{secrets.token_hex(4)}@example.org", time.monotonic()
    send_email(EmailMessage("A code", "123456", to=[address]))
    while address not in received.read_text():
        time.sleep(0.01)
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise SystemExit("The email has not left.")
    return time.monotonic() - started


if __name__ == "__main__":
    main()
