"""The room of `one_room.py` as people without an account or password, and the flood of sign-ups."""

import email
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from email import policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from site_under_test import FORM, PASSWORD, ROOT, Browser

SIGN_UP, CODE = "/accounts/signup/", "/accounts/signup/code/"
LOG_IN_CODE = "/accounts/login/code/"
# Of the emails that a mailbox may receive in an hour.
MOST_EMAILS_TO_ONE = 6


class Inbox:
    """The emails as the worker writes them, to find each person's code."""

    def __init__(self, folder: str) -> None:
        self.folder, self.read = Path(folder), set[str]()
        self.codes: dict[str, str] = {}
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        while True:
            for file in sorted(self.folder.glob("*.eml")):
                if file.name not in self.read:
                    self.read.add(file.name)
                    self.note(email.message_from_bytes(file.read_bytes(), policy=policy.default))
            time.sleep(0.3)

    def note(self, message: Any) -> None:
        code = re.search(r"\b\d{6}\b", message.get_body(("plain",)).get_content())
        if code:
            self.codes[str(message["To"])] = code[0]

    def code_for(self, address: str, seconds: float = 60) -> str:
        deadline = time.monotonic() + seconds
        while address not in self.codes and time.monotonic() < deadline:
            time.sleep(0.3)
        return self.codes.get(address, "")


def sign_up(browser: Browser, inbox: Inbox, number: int, room: str) -> str:
    """What went wrong; empty if the person has signed up."""
    address = f"new{number}@{room}.example.org"
    data = {"name": f"New Person {number}", "email": address, "password1": PASSWORD}
    status, _, there = browser.send(SIGN_UP, SIGN_UP, data)
    if (status, there) != (302, CODE):
        return f"sign-up: {status}"
    code = inbox.code_for(address)
    if not code:
        return "no email"
    status, _, there = browser.send(CODE, CODE, {"code": code})
    return "" if (status, there) == (302, "/me/") else f"code: {status}"


def log_in_by_code(browser: Browser, inbox: Inbox, number: int) -> str:
    """What went wrong; empty if the person has logged in."""
    address = f"room{number}@example.org"
    data = {"email": address, "next": "/conferences/drill/ballot/"}
    status, _, there = browser.send(LOG_IN_CODE, LOG_IN_CODE, data)
    if (status, there) != (302, f"{LOG_IN_CODE}confirm/"):
        return f"log-in with a code: {status}"
    code = inbox.code_for(address)
    if not code:
        return "no email with a code"
    status, _, there = browser.send(there, there, {"code": code})
    return "" if (status, there) == (302, data["next"]) else f"code of a log-in: {status}"


def join(browser: Browser) -> str:
    """What went wrong; empty if the person is a member now."""
    status, _, _ = browser.send("/conferences/drill/join/", "/conferences/drill/", {})
    return "" if status == 302 else f"join: {status}"


def invite(count: int, room: str) -> list[str]:
    """The paths of so many new invitations, by the number of the person."""
    from django.utils import timezone

    from conferences.models import Conference, RosterEntry
    from conferences.tests.rosters.entries import make_entry
    from voting.campaigns.tokens import invitation_token

    RosterEntry.objects.all().delete()
    conference = Conference.objects.get(slug="drill")
    entries = [make_entry(conference, f"invited{n}@{room}.example.org") for n in range(count)]
    RosterEntry.objects.update(invited_at=timezone.now())
    return [f"/invitation/{invitation_token(entry)}/" for entry in entries]


def accept_invitation(browser: Browser, path: str, number: int) -> str:
    """What went wrong; empty if the person has an account and is a member now."""
    form = {"name": f"Invited Person {number}", "password1": PASSWORD}
    status, _, there = browser.send(path, path, form)
    return "" if (status, there) == (302, "/conferences/drill/") else f"invitation: {status}"


def flood_sign_ups(port: int, source: str, number: int, ends: float, answers: Counter[int]) -> None:
    """Sign-ups without a pause for spellings of one mailbox, each with a matching cookie and token."""
    token = "x" * 32
    data = {"name": "Flood", "email": f"victim+{number}@example.org", "password1": PASSWORD}
    body = urlencode(data | {"csrfmiddlewaretoken": token})
    headers = FORM | {"Cookie": f"csrftoken={token}"}
    while time.monotonic() < ends:
        peer = http.client.HTTPConnection("127.0.0.1", port, timeout=180, source_address=(source, 0))
        try:
            peer.request("POST", SIGN_UP, body, headers)
            answers[peer.getresponse().status] += 1
        except OSError:
            answers[0] += 1
        finally:
            peer.close()


def start_worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--processes", "1"],
        cwd=ROOT,
        env=os.environ,
        stderr=subprocess.DEVNULL,
    )


def emails_to_the_victim(folder: Path) -> int:
    return sum(b"\nTo: victim+" in file.read_bytes() for file in folder.glob("*.eml"))


def old_files() -> dict[str, str]:
    """The previous limits: one sign-up a second, and the code in the same queue."""
    nginx = ROOT / "deploy/nginx"
    site = re.sub(
        r"\nlocation = /(accounts/signup|sign-up)/[^{]*\{.*?\n\}",
        "",
        (nginx / "site.conf").read_text(),
        flags=re.DOTALL,
    )
    persons = (nginx / "persons.conf").read_text()
    code = re.search(r'\n    "~\^POST /accounts/\(signup/code.*', persons)
    return {"site.conf": site, "persons.conf": persons.replace(code[0], "")}
