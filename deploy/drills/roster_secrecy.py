#!/usr/bin/env python3
"""No one learns whether an email address is on a roster: listed and absent ones at every door.

    .venv/bin/python deploy/drills/roster_secrecy.py [--samples 300] [--port 8595]
    deploy/with-mariadb .venv/bin/python deploy/drills/roster_secrecy.py

The doors: the page on which a person claims a ticket under another address; sign-up; joining, and the page
of a conference for members only, both by people who have entered the address as theirs and not confirmed
it; and a made-up link of an invitation. A gunicorn with one worker serves the application on a database of
its own. Each sample is a person, an address and a loopback address of its own; listed and absent ones
alternate in a shuffled order. Two responses are the same if status, target, header names and page agree
after removing email addresses, tokens and times. Two lists of times are the same if a rank test cannot
distinguish them. Afterwards the emails are sent, and those to listed and absent addresses have to be the
same in number and text.

The control is a page that looks at the roster before it sends a code. The drill must distinguish it.
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
from email import message_from_bytes, policy
from pathlib import Path

from who_has_an_account import ROOT, Browser, Server, comparable, report, server_environment

KINDS = ("listed", "absent")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TICKET = "/conferences/drill/ticket/"
CONTROL = """
from conferences.models import RosterEntry
from conferences.tickets import views
send = views._send_code
views._send_code = lambda request, email: (
    send(request, email) if RosterEntry.objects.present().filter(mailbox=email).exists() else None
)
"""
# Entries before those of the samples, so that all their IDs have four digits.
PADDING = 1000
PEOPLE = """
import json, sys
import django; django.setup()
from allauth.account.models import EmailAddress
from accounts.models import User
from conferences.models import Conference, RosterEntry
from conferences.tests.factories import make_conference
sys.path.insert(0, "deploy/drills")
from site_under_test import open_sessions

def entries(conference, addresses):
    RosterEntry.objects.bulk_create(
        RosterEntry(conference=conference, email=address, mailbox=address) for address in addresses
    )

open_one = make_conference(title="Drill", slug="drill", voting="scheduled", who_votes="roster")
secret = make_conference(title="Secret", slug="secret", visibility="members_only")
if hasattr(open_one, "admission"):
    type(open_one.admission).objects.update(everyone=False, roster=True)
samples = [(door, kind, n) for door in %(doors)r for kind in %(kinds)r for n in range(%(count)d)]
entries(open_one, [f"padding{n}@example.org" for n in range(%(padding)d)])
for conference in (open_one, secret):
    entries(conference, [f"listed-{door}-{n}@example.org" for door, kind, n in samples if kind == "listed"])
User.objects.bulk_create(
    User(email=f"p-{door}-{kind}-{n}@example.org", name="A Person", password="!") for door, kind, n in samples
)
people = {user.email: user for user in User.objects.filter(email__startswith="p-")}
EmailAddress.objects.bulk_create(
    EmailAddress(user=user, email=email, verified=True, primary=True) for email, user in people.items()
)
EmailAddress.objects.bulk_create(
    EmailAddress(user=people[f"p-{door}-{kind}-{n}@example.org"], email=f"{kind}-{door}-{n}@example.org")
    for door, kind, n in samples if door in ("joining", "secret")
)
keys = open_sessions(list(people.values()))
ids = list(RosterEntry.objects.filter(mailbox__startswith="listed-link").values_list("pk", flat=True))
json.dump({"sessions": dict(zip(people, keys)), "ids": ids}, open(%(file)r, "w"))
"""


class Visitor:
    """The browser of one sample: of its person or, at some doors, of a stranger."""

    def __init__(self, port: int, number: int, session: str, email: str) -> None:
        self.browser, self.email = Browser(port, number), email
        if session:
            self.browser.cookies["sessionid"] = session

    def token(self, page: str) -> str:
        found = TOKEN.search(self.browser.ask("GET", page)[1])
        assert found, page
        return found[1]

    def timed(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[float, str]:
        """How long the response took, and everything in it and behind it that could be compared."""
        started = time.perf_counter()
        response, text = self.browser.ask(method, path, data)
        took = time.perf_counter() - started
        there = response.headers.get("Location", "")
        if there:
            text += self.browser.ask("GET", there)[1]
        names = sorted(name for name, _ in response.headers.items())
        self.browser.close()
        seen = f"{response.status} {there} {names} {sorted(self.browser.cookies)} {text}"
        # Their own address, which the menu shows, and how many have joined by then, tell no one anything.
        seen = re.sub(r"p-[a-z-]+-\d+@example\.org|\d+\s+members?", "OWN", seen)
        return took, comparable(seen, self.email)


def at_ticket(visitor: Visitor, _link: str) -> tuple[float, str]:
    data = {"csrfmiddlewaretoken": visitor.token(TICKET), "email": visitor.email}
    return visitor.timed("POST", TICKET, data)


def at_sign_up(visitor: Visitor, _link: str) -> tuple[float, str]:
    page = "/accounts/signup/"
    data = {"name": "A Person", "email": visitor.email, "password1": "some-long-passphrase"}
    return visitor.timed("POST", page, data | {"csrfmiddlewaretoken": visitor.token(page)})


def at_joining(visitor: Visitor, _link: str) -> tuple[float, str]:
    data = {"csrfmiddlewaretoken": visitor.token(TICKET)}
    return visitor.timed("POST", "/conferences/drill/join/", data)


def at_secret(visitor: Visitor, _link: str) -> tuple[float, str]:
    visitor.browser.ask("GET", "/conferences/drill/")
    return visitor.timed("GET", "/conferences/secret/")


def at_link(visitor: Visitor, link: str) -> tuple[float, str]:
    visitor.browser.ask("GET", "/conferences/drill/")
    took, seen = visitor.timed("GET", link)
    return took, seen.replace(link, "LINK")


DOORS = {
    "ticket": at_ticket,
    "sign-up": at_sign_up,
    "joining": at_joining,
    "secret": at_secret,
    "link": at_link,
}
LOGGED_IN = ("ticket", "joining", "secret")


def made_up_link(number: int) -> str:
    """As someone would guess it who knows how such links look."""
    mark, stamp, signature = f"{number:016x}", "1tXyZa", "A" * 43
    return f"/invitation/{number}-{mark}.{stamp}.{signature}/"


def run(name: str, port: int, samples: int, first: int, known: dict) -> set[str]:
    """Prints the figures and returns the doors at which the kinds could be distinguished."""
    found, number = set(), first
    for door, knock in DOORS.items():
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        said: dict[str, set[str]] = {kind: set() for kind in KINDS}
        turns = [(kind, n) for kind in KINDS for n in range(samples)]
        random.Random(f"{name}{door}").shuffle(turns)
        for kind, n in turns:
            number += 1
            session = known["sessions"][f"p-{door}-{kind}-{n}@example.org"] if door in LOGGED_IN else ""
            link = made_up_link(known["ids"][n] + (0 if kind == "listed" else 5000))
            visitor = Visitor(port, number, session, f"{kind}-{door}-{n}@example.org")
            took, seen = knock(visitor, link)
            times[kind].append(took)
            said[kind].add(seen)
        if report(name, door, times, said):
            found.add(door)
    return found


def emails_of(folder: Path) -> dict[str, list[str]]:
    """For each kind the texts of the emails to its addresses, without addresses and codes."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for file in (folder / "mail").glob("*.eml"):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        text = f"{message['Subject']} {body.get_content() if body else ''}"
        kind = str(message["To"])[:6]
        found[kind].append(re.sub(r"\d{6}", "CODE", text.replace(str(message["To"]), "ADDRESS")))
        file.unlink()
    return {kind: sorted(texts) for kind, texts in found.items()}


def emails_differ(name: str, folder: Path, manage: list[str], environment: dict[str, str]) -> bool:
    worker = ["db_worker", "--queue-name", "*", "--batch", "--no-startup-delay", "--interval", "0.1"]
    subprocess.run([*manage, *worker], env=environment, check=True, stderr=subprocess.DEVNULL)
    found = emails_of(folder)
    counts = ", ".join(f"{kind} {len(texts)}" for kind, texts in found.items())
    same = found["listed"] == found["absent"]
    print(f"{name} emails: {counts}, {'same' if same else 'DIFFERENT  DISTINGUISHED'}", flush=True)
    return not same


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--samples", type=int, default=300)
    options.add_argument("--port", type=int, default=8595)
    chosen = options.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'drill.sqlite3'}"
        environment = server_environment(folder, database) | {"EMAIL_URL": "filemail://"}
        environment["LOG_LEVEL"] = "CRITICAL"
        manage = [sys.executable, str(ROOT / "manage.py")]
        for command in (["migrate"], ["collectstatic", "--noinput"]):
            subprocess.run([*manage, *command, "--verbosity", "0"], env=environment, check=True)
        for turn, control in enumerate(("", CONTROL)):
            what, samples = (
                ("control", max(50, chosen.samples // 3)) if control else ("site   ", chosen.samples)
            )
            known = make_people(folder, environment, samples)
            server = Server(folder, environment, chosen.port, control)
            try:
                apart = run(what, chosen.port, samples, turn * 10_000, known)
            finally:
                server.end()
            found[what] = apart | ({"emails"} if emails_differ(what, folder, manage, environment) else set())
            forget_all(manage, environment)
    print("distinguished:", {what.strip(): sorted(doors) for what, doors in found.items()})
    return 0 if not found["site   "] and found["control"] >= {"ticket", "emails"} else 1


def make_people(folder: Path, environment: dict[str, str], samples: int) -> dict:
    file = folder / "people.json"
    values = {"doors": tuple(DOORS), "kinds": KINDS, "count": samples, "padding": PADDING, "file": str(file)}
    subprocess.run([sys.executable, "-c", PEOPLE % values], env=environment, check=True, cwd=ROOT)
    return json.loads(file.read_text())


def forget_all(manage: list[str], environment: dict[str, str]) -> None:
    """Empties the database for the control, which uses the same addresses."""
    subprocess.run([*manage, "flush", "--noinput", "--verbosity", "0"], env=environment, check=True)


if __name__ == "__main__":
    raise SystemExit(main())
