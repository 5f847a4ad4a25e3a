#!/usr/bin/env python3
"""How long it takes to read and import a roster of 10,000 people, and the same file once more.

    .venv/bin/python deploy/bench/roster.py
    deploy/with-mariadb .venv/bin/python deploy/bench/roster.py

Without a DATABASE_URL it uses an SQLite file of its own. The limit is ours.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

folder = tempfile.TemporaryDirectory(prefix="confbox-bench.")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder.name}/db.sqlite3")

import django

django.setup()
django.conf.settings.DEBUG = False  # Django keeps no list of queries

from django.core.management import call_command
from django.db import connection

from accounts.actors import Actor
from conferences.actions import create_conferences
from conferences.models import Conference, RosterEntry
from conferences.roster.actions import import_roster
from conferences.roster.reading import read_file

ROWS = 10_000
BOUND_SECONDS = 5


def table(name: str) -> bytes:
    """A ticket shop's export; `name` is what is another one in each file."""
    rows = (
        f'B{number:05},"{name}, {number}",Person.{number}@Tickets{number % 40}.example.org,Standard'
        for number in range(ROWS)
    )
    return "\r\n".join(["Order code,Attendee name,Attendee email,Product", *rows]).encode()


def seconds_of(conference: Conference, content: bytes) -> tuple[float, int]:
    """How long the import takes, and how many rows it writes."""
    started = time.perf_counter()
    listing = read_file(content, "orders.csv")
    plan = import_roster(conference=conference, listing=listing, by=Actor.of_command())
    return time.perf_counter() - started, len(plan.new) + len(plan.changed)


def main() -> int:
    call_command("migrate", verbosity=0)
    new = Conference(
        title="10,000", slug="ten-thousand", starts_at="2030-01-01T00:00Z", ends_at="2030-01-02T00:00Z"
    )
    [conference] = create_conferences(conferences=[new])
    held = True
    for what, name, expected in (
        ("new", "Person", ROWS),
        ("the same again", "Person", 0),
        ("other names", "Someone", ROWS),
    ):
        taken, written = seconds_of(conference, table(name))
        assert (written, RosterEntry.objects.count()) == (expected, ROWS)
        held = held and taken <= BOUND_SECONDS
        print(f"{connection.vendor:>8} {ROWS:>8} rows, {what}: {taken:.2f} s (bound: {BOUND_SECONDS} s)")
    print("bounds held" if held else "BOUNDS NOT HELD")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
