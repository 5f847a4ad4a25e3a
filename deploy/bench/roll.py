#!/usr/bin/env python3
"""How long it takes to freeze the electoral roll of 10,000 members when voting opens.

    .venv/bin/python deploy/bench/roll.py
    deploy/with-mariadb .venv/bin/python deploy/bench/roll.py

Meanwhile votes wait. Without a DATABASE_URL it uses an SQLite file of its own. The limit is ours.
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

from conferences.models import Conference
from voting.demo.population import SLUG, populate
from voting.elections.roll.actions import freeze_roll

MEMBERS = 10_000
LIMIT_SECONDS = 3


def main() -> int:
    call_command("migrate", verbosity=0)
    populate(members=MEMBERS, seed=1, slug=SLUG, password=None, say=lambda line: None)
    conference = Conference.objects.get(slug=SLUG)
    started = time.perf_counter()
    freeze_roll(conference=conference)
    taken = time.perf_counter() - started
    conference.election.refresh_from_db()
    assert conference.election.roll_size == MEMBERS
    print(f"{connection.vendor:>8} {MEMBERS:>8} voters, frozen: {taken:.2f} s (limit: {LIMIT_SECONDS} s)")
    return 0 if taken <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
