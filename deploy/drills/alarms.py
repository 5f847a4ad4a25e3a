"""Five faults, one after the other, of which those on call get one email each within five minutes.

    deploy/with-mariadb .venv/bin/python deploy/drills/alarms.py [--every SECONDS] [--control]

Needs root, and Debian's package faketime. The disk with everything that the site writes is filled; the site
sends a certificate that has expired; the clock of MariaDB is 20 seconds ahead; a nightly backup fails; the
background work is stopped. `manage.py doctor` and /metrics have to show each as well, and when it is mended,
all three have to say so. The doctor runs every two minutes, as its timer lets it, or every `--every` seconds.

The control runs it without `--alarm`, and has to fail because there is no email.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from alarms_certificate import SentCertificate
from site_under_test import LIGHT, ROOT, environment_of_workers, require_mariadb, set_up_database, wait_for
from units import take_over_mariadb

BOUND_SECONDS = 300
SMTP_PORT, WEB_PORT, TLS_PORT = 8791, 8792, 8793
TOKEN = "drill"  # noqa: S105
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
DURABLE = ["--log-bin=drill", "--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1"]
MANAGE = [sys.executable, "manage.py"]
DISK_MB = 48
AHEAD_SECONDS = 20


class Mailbox:
    """Of those who are on call."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        Controller(self, hostname="127.0.0.1", port=SMTP_PORT).start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.subjects.append(message_from_bytes(envelope.content, policy=default)["Subject"])
        return "250 taken"


class Doctor:
    """Runs as its timer lets it: again so many seconds after it has ended."""

    def __init__(self, seconds: float, arguments: list[str]) -> None:
        self.seconds, self.command = seconds, [*MANAGE, "doctor", "--json", *arguments]
        self.turns, self.found = 0, {"": ""}
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            done = subprocess.run(self.command, cwd=ROOT, check=False, capture_output=True, text=True)
            if not done.stdout:
                print(done.stderr[-1000:])
            else:
                checks = json.loads(done.stdout)["checks"]
                self.found = {each["name"]: each["verdict"] for each in checks}
            self.turns += 1
            time.sleep(self.seconds)


class Fault:
    def __init__(self, check: str, title: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self.check, self.title, self.begin, self.end = check, title, begin, end


def verdict_in_metrics(check: str) -> str:
    peer = http.client.HTTPConnection("127.0.0.1", WEB_PORT, timeout=10)
    peer.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = peer.getresponse().read().decode()
    found = re.findall(rf'^conferencebox_check_verdict{{check="{check}"}} (\d)', text, re.MULTILINE)
    return found[0] if found else "none"


class Worker:
    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([*MANAGE, "work", "--processes", "1"], cwd=ROOT)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def note_backup(folder: Path) -> None:
    """As a night that succeeded does; docs/backups.md."""
    file, now = folder / "conferencebox-drill.tar.gpg", datetime.now(UTC).isoformat()
    folder.mkdir(exist_ok=True)
    file.write_bytes(b"drill")
    facts = {"file": file.name, "bytes": 5, "good": True, "why": "", "checked_at": now}
    facts |= {"last_good": {"file": file.name, "written_at": now}}
    (folder / "verdict.json").write_text(json.dumps(facts))


def fail_backup() -> None:
    """As systemd does when a night fails."""
    command = [sys.executable, "deploy/backup.py", "ended", "conferencebox-nightly.service"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"SERVICE_RESULT": "exit-code"}, check=True)


def wait_for_all(fault: Fault, wanted: dict[str, Callable[[], bool]], began: float) -> dict[str, float]:
    after: dict[str, float] = {}
    while len(after) < len(wanted):
        for name, is_there in wanted.items():
            if name not in after and is_there():
                after[name] = time.monotonic() - began
        if time.monotonic() - began > BOUND_SECONDS:
            missing = ", ".join(name for name in wanted if name not in after)
            sys.exit(f"FAILED: {fault.title}: after {BOUND_SECONDS} s, missing: {missing}")
        time.sleep(0.5)
    return after


def try_fault(fault: Fault, doctor: Doctor, mailbox: Mailbox) -> None:
    for act, verdict, figure, subject in (
        (fault.begin, "problem", "2", f"ConferenceBox has a problem: {fault.title}"),
        (fault.end, "ok", "0", f"ConferenceBox: solved: {fault.title}"),
    ):
        mailbox.subjects.clear()
        began = time.monotonic()
        act()
        wanted = {
            "doctor": lambda verdict=verdict: doctor.found.get(fault.check) == verdict,
            "metrics": lambda figure=figure: verdict_in_metrics(fault.check) == figure,
            "email": lambda: bool(mailbox.subjects),
        }
        after = wait_for_all(fault, wanted, began)
        turns = doctor.turns
        while doctor.turns < turns + 2:
            time.sleep(0.5)
        if mailbox.subjects != [subject]:
            sys.exit(f"FAILED: the emails are {mailbox.subjects}, and not one: {subject}")
        print(
            f"ok: {subject}: " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in after.items()),
            flush=True,
        )


def all_faults(folder: Path, worker: Worker, sent: SentCertificate, offset: Path) -> list[Fault]:
    backups = folder / "backups"
    return [
        Fault("disks", "Disks", lambda: fill(folder), (folder / "filler").unlink),
        Fault("certificate", "Certificate", lambda: sent.renew(days=-1), lambda: sent.renew(days=90)),
        Fault("clock", "Clock", lambda: set_clock(offset, AHEAD_SECONDS), lambda: set_clock(offset, 0)),
        Fault("backup", "Backup", fail_backup, lambda: note_backup(backups)),
        Fault("worker", "Background work", worker.stop, worker.start),
    ]


def set_clock(offset: Path, seconds: int) -> None:
    offset.write_text(f"+{seconds}s\n")


def start_mariadb(offset: Path) -> Any:
    set_clock(offset, 0)
    faked = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1"}
    os.environ |= faked | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    database = take_over_mariadb(DURABLE)
    for name in (*faked, "FAKETIME_DONT_FAKE_MONOTONIC"):
        del os.environ[name]
    wait_for(os.environ["MARIADB_SOCKET"])
    return database


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--every", type=float, default=120)
    options.add_argument("--control", action="store_true")
    chosen = options.parse_args()
    require_mariadb()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, offset = Path(name) / "var", Path(name) / "clock"
        stack.enter_context(small_disk(folder))
        database = start_mariadb(offset)
        stack.callback(database.stop)
        os.environ |= environment_of_workers(folder, SMTP_PORT) | {
            "METRICS_TOKEN": TOKEN,
            "ALARM_EMAILS": "on-call@example.org",
            "SITE_URL": f"https://127.0.0.1:{TLS_PORT}",
        }
        set_up_database()
        mailbox, sent = Mailbox(), SentCertificate(Path(name), TLS_PORT)
        note_backup(folder / "backups")
        worker = Worker()
        stack.callback(worker.stop)
        web = subprocess.Popen([*LIGHT, "--bind", f"127.0.0.1:{WEB_PORT}"], cwd=ROOT)
        stack.callback(web.wait, 40)
        stack.callback(web.terminate)
        wait_for(WEB_PORT)
        time.sleep(5)
        doctor = Doctor(chosen.every, [] if chosen.control else ["--alarm"])
        while not doctor.turns:
            time.sleep(0.5)
        if problems := [check for check, verdict in doctor.found.items() if verdict == "problem"]:
            sys.exit(f"FAILED: there are problems before the first fault: {problems}")
        for fault in all_faults(folder, worker, sent, offset):
            try_fault(fault, doctor, mailbox)


if __name__ == "__main__":
    main()
