#!/usr/bin/env python3
"""No one learns whether a conference of another team exists: foreign and absent IDs at every kind of page.

    .venv/bin/python deploy/drills/other_teams.py [--samples 200] [--port 8599]
    deploy/with-mariadb .venv/bin/python deploy/drills/other_teams.py

An owner of one conference of 1,000 asks for pages of the others, which exist, and of conferences that do not,
in a shuffled order. Two responses are the same if status, target, header names and page agree after removing
IDs, tokens and times; two lists of times are, if a rank test cannot distinguish them.

The control looks up the roster before it asks whether the person manages the conference. The drill must
distinguish it. That both send the same statements to the database is in `confbox/tests/test_other_teams.py`.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from who_has_an_account import ROOT, Browser, Server, comparable, report, server_environment

KINDS = ("foreign", "absent")
DOORS = {
    "form": "/admin/conferences/conference/{}/change/",
    "roster": "/admin/conferences/conference/{}/roster/",
    "team": "/admin/conferences/conference/{}/team/",
    "desk": "/admin/voting/votes/{}/turnout/",
    "member": "/admin/conferences/membership/{}/change/",
    "campaign": "/admin/voting/campaign/{}/change/",
    "list": "/admin/conferences/membership/?conference__id__exact={}",
}
# Added to an ID that exists: no row has it, and it has as many digits.
BEYOND = 5000
CONTROL = """
from django.shortcuts import get_object_or_404
from conferences.models import Conference, RosterEntry
from conferences.roster import views
found = views.conference_or_refuse
def looked_up_first(request, conference_id, permission):
    conference = get_object_or_404(Conference, pk=conference_id)
    list(RosterEntry.objects.filter(conference=conference).counts())
    return found(request, conference_id, permission)
views.conference_or_refuse = looked_up_first
"""
PEOPLE = """
import json, sys
import django; django.setup()
from accounts.models import User
from accounts.tests.factories import make_user
from conferences.actions import create_conferences
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign
sys.path.insert(0, "deploy/drills")
from site_under_test import open_sessions

own = make_conference(title="Own", slug="own", voting="open")
owner = make_team_member(own, "owner").person
columns = {"starts_at": own.starts_at, "ends_at": own.ends_at, "status": "active"}
create_conferences(
    conferences=[Conference(pk=n, title=f"C{n}", slug=f"c{n}", **columns) for n in range(2001, 3001)]
)
person = make_user("member@example.org")
others = range(2001, 3001)
Membership.objects.bulk_create(Membership(pk=n, conference_id=n, user=person) for n in others)
Campaign.objects.bulk_create(
    Campaign(pk=n, conference_id=n, candidate_id=n, requested_by=person, subject="S") for n in others
)
json.dump(open_sessions([owner])[0], open(%(file)r, "w"))
"""


def timed(port: int, number: int, session: str, path: str) -> tuple[float, str]:
    browser = Browser(port, number)
    browser.cookies["sessionid"] = session
    started = time.perf_counter()
    response, text = browser.ask("GET", path)
    took = time.perf_counter() - started
    browser.close()
    if response.status not in (200, 302, 404):
        raise SystemExit(f"{path} answered {response.status}.")
    names = sorted(name for name, _value in response.headers.items())
    seen = f"{response.status} {response.headers.get('Location', '')} {names} {text}"
    return took, comparable(re.sub(r"(?<!\d)[2-8]\d{3}(?!\d)", "ID", seen), "no address")


def run(name: str, port: int, samples: int, session: str) -> set[str]:
    """Prints the figures and returns the doors at which the kinds could be distinguished."""
    found, number = set(), 0
    for door, path in DOORS.items():
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        said: dict[str, set[str]] = {kind: set() for kind in KINDS}
        turns = [(kind, n) for kind in KINDS for n in range(samples)]
        random.Random(f"{name}{door}").shuffle(turns)
        # The first requests load what is read once.
        for kind, n in [*turns[:10], *turns]:
            number += 1
            took, seen = timed(
                port, number, session, path.format(2001 + n + (BEYOND if kind == "absent" else 0))
            )
            times[kind].append(took)
            said[kind].add(seen)
        if report(name, door, times, said):
            found.add(door)
    return found


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--samples", type=int, default=200)
    options.add_argument("--port", type=int, default=8599)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = os.environ.get("DATABASE_URL", f"sqlite:///{folder / 'drill.sqlite3'}")
        environment = server_environment(folder, database) | {"PYTHONPATH": str(ROOT)}
        environment["STAFF_MFA_REQUIRED"] = "false"
        file = folder / "session.json"
        for command in (
            ["manage.py", "collectstatic", "--noinput", "-v0"],
            ["manage.py", "migrate", "-v0"],
            ["-c", PEOPLE % {"file": str(file)}],
        ):
            subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)
        session, found = json.loads(file.read_text()), {}
        for turn, control in (("site", ""), ("control", CONTROL)):
            server = Server(folder, environment, chosen.port, control)
            try:
                found[turn] = run(turn, chosen.port, chosen.samples, session)
            finally:
                server.end()
    print(f"distinguished: site {sorted(found['site'])}, control {sorted(found['control'])}")
    return 0 if not found["site"] and "roster" in found["control"] else 1


if __name__ == "__main__":
    sys.exit(main())
