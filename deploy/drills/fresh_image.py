"""From a clone to the first vote over HTTPS, with the container images, in at most five minutes.

    .venv/bin/python deploy/drills/fresh_image.py [--base FILE.tar] [--control]

Needs root, podman, podman-compose and runc, and the ports 25, 80 and 443. The commands of docs/operators.md
run in a clone of the last commit, and the time begins before the first. An organiser logs in with the printed
password and sets up a second factor. A person signs up with the code that was emailed, uploads a picture and
joins; a member votes. Each container has to be healthy, none of the site may be root, each has to end when it
is asked to, and the vote has to be there after all were removed and made again.

The control names a database that is not there, and the start has to fail and say so. Where no registry can be
reached, the base image is made from Debian's packages, and `--base` is where it is kept; it trusts the
certificates that this host trusts.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from debian_box import SOURCES, require_free_ports
from fresh_box import (
    BOUND_SECONDS,
    ORGANISER,
    member_votes,
    organiser_logs_in,
    person_joins,
    vote_is_in_the_database,
)
from fresh_box_people import HOST, Mailbox, Visitor
from site_under_test import ROOT

UP = "SITE_HOST=conferences.example.org ORGANISER=you@example.org deploy/container/up"
ENTER = "cd deploy/container"
FIRST_LOG_IN = "podman-compose exec web-1 cat /etc/conferencebox/first-log-in.txt"
ENROLMENT_CODE = "podman-compose exec web-1 ./manage.py enrolment_code you@example.org"
BACKUP = "podman-compose exec timers python deploy/container/start.py nightly"
RESTART = "podman-compose restart web-1 web-2 heavy worker timers"
# All that the section of docs/operators.md has; confbox/tests/test_operators.py compares.
COMMANDS = [UP, ENTER, FIRST_LOG_IN, ENROLMENT_CODE, BACKUP, RESTART]
BASE = "docker.io/library/debian:12-slim"
SITE = ["web-1", "web-2", "heavy", "worker", "timers"]
ENDS_WITHIN_SECONDS = 35
HEALTHY_WITHIN_SECONDS = 90
# runc, because crun needs more of the kernel than some hosts of drills have.
PODMAN = """[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
# A socket at which there is no database.
THERE, NOT_THERE = "mysqld.sock", "none.sock"
NAMED = "The database does not answer"


class Clone:
    """Where the commands run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "conferencebox"
        (folder / "containers.conf").write_text(PODMAN)
        # Unbuffered, or podman-compose writes what it did after the output of the command.
        more = {"CONTAINERS_CONF": str(folder / "containers.conf"), "PYTHONUNBUFFERED": "1"}
        self.environment = os.environ | more
        self.must(f"git clone -q {ROOT} {self.folder}", folder=folder)

    def run(self, command: str, folder: Path | None = None) -> tuple[int, str]:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder or self.folder,
            env=self.environment,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}"

    def must(self, command: str, text: str | None = None, *, folder: Path | None = None) -> str:
        """`podman-compose` is run where its file is."""
        there = f"{ENTER} && {command}" if command.startswith("podman-compose") else command
        code, output = self.run(there, folder)
        if code:
            sys.exit(f"{output[-3000:]}\nFAILED: {command}")
        # podman-compose writes this after what the command printed.
        return output.removesuffix("exit code: 0\n")


class Inside:
    """A shell in a container."""

    def __init__(self, clone: Clone, service: str) -> None:
        self.clone, self.container = clone, f"container_{service}_1"

    def must(self, command: str, text: str | None = None) -> str:
        """As the user of the site: the database lets no other one in."""
        return self.clone.must(f"podman exec -u conferencebox {self.container} sh -c {shlex.quote(command)}")


def make_base(clone: Clone, base: Path) -> None:
    """Debian's own image, or one of the same packages."""
    if clone.run(f"podman image exists {BASE} || podman pull -q {BASE}")[0] == 0:
        return
    if not base.exists():
        with tempfile.TemporaryDirectory() as name:
            etc = Path(name) / "etc"
            etc.mkdir()
            shutil.copy(
                os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt", etc / "trusted.crt"
            )
            (etc / "pip.conf").write_text("[global]\ncert = /etc/trusted.crt\n")
            make = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates"]
            make += [f"--customize-hook=copy-in {etc}/trusted.crt {etc}/pip.conf /etc"]
            subprocess.run([*make, "bookworm", str(base), *SOURCES], check=True)
    clone.must(f"podman import {base} {BASE}")
    print(f"{BASE} cannot be downloaded here; it was made from Debian's packages.")


def start(clone: Clone) -> tuple[int, str]:
    command = UP.replace("conferences.example.org", HOST).replace("you@example.org", ORGANISER)
    return clone.run(command)


def has_to_fail(clone: Clone) -> None:
    script = clone.folder / "deploy/container/up"
    script.write_text(script.read_text().replace(THERE, NOT_THERE))
    code, output = start(clone)
    if code == 0 or NAMED not in output:
        sys.exit(f"{output[-3000:]}\nFAILED: the start did not fail and say: {NAMED}")
    print(f"ok: without its database, the start fails and says: {NAMED}")


def certificate_of(clone: Clone) -> Path:
    file = clone.folder / "fullchain.pem"
    file.write_text(Inside(clone, "worker").must("cat /etc/ssl/conferencebox/fullchain.pem"))
    return file


def are_healthy(clone: Clone) -> None:
    """Podman does not count what fails soon after the start, so the site is asked directly first."""
    for service in SITE:
        asks = f"podman exec container_{service}_1 python deploy/container/start.py healthy"
        end = time.monotonic() + HEALTHY_WITHIN_SECONDS
        while clone.run(asks)[0] and time.monotonic() < end:
            time.sleep(1)
    for service in [*SITE, "database", "nginx"]:
        clone.must(f"podman healthcheck run container_{service}_1")


def containers_are_as_they_should(clone: Clone) -> None:
    for service in SITE:
        if clone.must(f"podman exec container_{service}_1 id -u").strip() == "0":
            sys.exit(f"FAILED: {service} is root")
    are_healthy(clone)
    print("ok: each container is healthy, and none of the site is root")
    if not re.search(
        r"\.webp$", Inside(clone, "worker").must("find /var/lib/conferencebox/media -type f"), re.MULTILINE
    ):
        sys.exit("FAILED: the picture is not in its volume")
    clone.must(BACKUP)
    print(f"ok: backup: {Inside(clone, 'timers').must('ls /var/lib/conferencebox/backups').strip()}")
    clone.must(RESTART)
    are_healthy(clone)
    for service in [*SITE, "nginx", "database"]:
        began = time.monotonic()
        clone.must(f"podman stop -t 60 container_{service}_1")
        state = clone.must(f"podman inspect container_{service}_1 --format '{{{{.State.ExitCode}}}}'").strip()
        seconds = time.monotonic() - began
        print(f"{service} ended after {seconds:.1f} s with {state}")
        if seconds > ENDS_WITHIN_SECONDS or state != "0":
            sys.exit(f"FAILED: {service} did not end when it was asked to")


def try_out(clone: Clone) -> None:
    mailbox, began = Mailbox("0.0.0.0"), time.monotonic()  # noqa: S104
    code, output = start(clone)
    started = time.monotonic() - began
    if code:
        sys.exit(f"{output[-3000:]}\nFAILED: {UP}")
    certificate = certificate_of(clone)
    organiser_logs_in(clone, Visitor(certificate), FIRST_LOG_IN, ENROLMENT_CODE)
    clone.must("podman-compose exec web-1 ./manage.py load_demo --force")
    person_joins(Visitor(certificate), mailbox)
    candidate = member_votes(Visitor(certificate))
    seconds = time.monotonic() - began
    database = Inside(clone, "database")
    vote_is_in_the_database(database, candidate, "after the vote")
    print(f"Started after {started:.0f} s, first vote after {seconds:.0f} s; at most {BOUND_SECONDS}.")
    containers_are_as_they_should(clone)
    clone.must("podman-compose down")
    if (code := start(clone)[0]) != 0:
        sys.exit("FAILED: it does not start again")
    vote_is_in_the_database(database, candidate, "after all containers were removed and made again")
    if seconds > BOUND_SECONDS:
        sys.exit("FAILED: it took too long")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--base", type=Path)
    options.add_argument("--control", action="store_true")
    chosen = options.parse_args()
    require_free_ports((25, 80, 443))
    with tempfile.TemporaryDirectory(prefix="image.") as name:
        clone = Clone(Path(name))
        make_base(clone, chosen.base or Path(name) / "base.tar")
        try:
            if chosen.control:
                has_to_fail(clone)
            else:
                try_out(clone)
        finally:
            clone.run(f"{ENTER} && podman-compose down -v")


if __name__ == "__main__":
    main()
