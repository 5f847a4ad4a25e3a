#!/usr/bin/env python3
"""Ten of 200 emails come back late, through a real mail server, and the site marks those ten.

    .venv/bin/python deploy/drills/bounces.py [--control]       as root
    deploy/with-mariadb .venv/bin/python deploy/drills/bounces.py [--control]

A campaign goes to 200 members through postfix, which has opendkim sign it. The server of the recipients
accepts all, checks each signature, and returns ten afterwards to their envelope senders, as RFC 3464 has it.
Postfix hands those to `deploy/take-bounce`. Then come five bounces that no one may believe.

To pass, those ten and no one else must be marked. With --control, the signature of the token is not checked:
then a member who has not voted must be marked, and the drill names the bounce that did it.

Postfix has its configuration, queue and port in a folder of its own; that of the machine is not touched.
Needs Debian's packages postfix, opendkim and opendkim-tools.
"""

import argparse
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bounces_postfix import Domain, postfix, python_of_others, signer
from bounces_receiver import Receiver, report
from processes import free_port
from site_under_test import ROOT, environment_of_workers, set_up_database

MEMBERS, LATE = 200, 10
MAX_WAIT_SECONDS = 120
QUIET_SECONDS = 6
BOUNCES = "bounces@site.example"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--control", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return Drill(Path(name), is_control=options.control).run()


class Drill:
    def __init__(self, folder: Path, *, is_control: bool) -> None:
        self.folder, self.is_control = folder, is_control
        self.ports = Domain(folder, free_port(), free_port(), free_port())
        self.settings = environment_of_workers(folder, self.ports.smtp) | {
            "DEFAULT_FROM_EMAIL": "Conferences <conferences@site.example>",
            "BOUNCE_ADDRESS": BOUNCES,
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/site.sqlite3",
        }
        os.environ |= self.settings

    def run(self) -> int:
        set_up_database()
        from campaign import stage_campaign

        self.campaign = stage_campaign(MEMBERS)
        self.hand_over_database()
        with (
            Receiver(self.ports.receiver, self.campaign.pk) as received,
            signer(self.ports),
            postfix(self.ports, self.pipe()),
        ):
            self.send(received)
            signed = received.count_signed(self.folder / "keys")
            late = received.return_late(LATE, self.ports.smtp)
            self.wait_for_marks(len(late))
            forged = self.forge()
            self.wait_until_quiet()
            return self.judge(len(received.of_campaign()), signed, late, forged)

    def pipe(self) -> str:
        """As docs/bounces.md has it. The environment of a pipe is empty."""
        settings, path = self.folder / "settings.env", self.settings.pop("PYTHONPATH")
        python, packages = python_of_others()
        path = os.pathsep.join([path, *packages])
        del self.settings["ENV_FILE"]
        settings.write_text("\n".join(f"{name}={value}" for name, value in self.settings.items()))
        settings.chmod(0o644)
        unsigned = f"{python} {ROOT}/deploy/drills/bounces_unsigned.py take_bounce"
        command = unsigned if self.is_control else f"{ROOT}/deploy/take-bounce"
        return f"/usr/bin/env ENV_FILE={settings} PYTHONPATH={path} PYTHON={python} {command}"

    def hand_over_database(self) -> None:
        """Postfix runs no pipe as root: it may reach MariaDB's socket; SQLite writes beside the database."""
        from django.db import connection

        connection.close()
        if folder := os.environ.get("MARIADB_FOLDER"):
            Path(folder).chmod(0o711)
        for path in (self.folder, *self.folder.glob("*.sqlite3*")):
            shutil.chown(path, "nobody", "nogroup")
            path.chmod(0o755)

    def send(self, received: Receiver) -> None:
        work = subprocess.Popen([sys.executable, "manage.py", "work", "--processes", "2"])
        try:
            wait_until(lambda: len(received.of_campaign()) >= MEMBERS, "the emails were not received")
        finally:
            work.terminate()
            work.wait(40)

    def marked(self) -> set[str]:
        from voting.campaigns.subscriptions.models import UndeliverableAddress

        return set(UndeliverableAddress.objects.values_list("address", flat=True))

    def wait_for_marks(self, number: int) -> None:
        wait_until(lambda: len(self.marked()) >= number, "the late bounces marked no one")

    def forge(self) -> dict[str, str]:
        """Bounces that prove nothing, each about another member who can be reached."""
        members = self.addresses()[-5:]
        senders = {
            "no token": BOUNCES,
            "token of another site": self.sender(members[1], key="another site"),
            "altered token of a reminder": self.sender(members[2], is_altered=True),
            "token of a reminder": self.sender(members[3]),
            "token of another address": self.sender("no.one@elsewhere.example", may_mark=True),
        }
        about = dict(zip(senders, members, strict=True))
        with smtplib.SMTP("127.0.0.1", self.ports.smtp) as server:
            for what, sender in senders.items():
                server.sendmail("", [sender], report(about[what], sender))
        return about

    def addresses(self) -> list[str]:
        from accounts.models import User

        return list(
            User.objects.filter(memberships__conference=self.campaign.conference).values_list(
                "email", flat=True
            )
        )

    def sender(self, address: str, *, key: str = "", is_altered: bool = False, may_mark: bool = False) -> str:
        from base64 import b32decode, b32encode

        from django.core.mail import EmailMessage
        from django.test import override_settings

        from confbox.kit.bounce_addresses import set_bounce_address

        message = EmailMessage("Please vote", "You have not voted.", "conferences@site.example", [address])
        with override_settings(**({"SECRET_KEY": key} if key else {})):
            sender = set_bounce_address(message, may_mark=may_mark or bool(key)).from_email
        if not is_altered:
            return sender
        local, _, token = sender.partition("@")[0].partition("+")
        raw = b"\1" + b32decode(token.upper())[1:]
        return f"{local}+{b32encode(raw).decode().lower()}@site.example"

    def wait_until_quiet(self) -> None:
        """Until postfix has nothing left to hand over."""
        wait_until(lambda: not any(self.ports.queued()), "the queue is not empty")
        time.sleep(QUIET_SECONDS)

    def judge(self, received: int, signed: int, late: set[str], forged: dict[str, str]) -> int:
        marked = self.marked()
        wrong = marked - late
        print(f"emails received     {received}")
        print(f"signed by DKIM      {signed}")
        print(f"returned late       {len(late)}")
        print(f"marked of those     {len(marked & late)}")
        print(f"marked wrongly      {len(wrong)}")
        faults = [f"marked by: {what}" for what, address in forged.items() if address in wrong]
        faults += ["marked someone else"] if wrong - set(forged.values()) else []
        faults += ["not all marked"] if late - marked else []
        faults += ["not all received and signed"] if {received, signed} != {MEMBERS} else []
        print(f"FAILED: {', '.join(faults)}" if faults else "passed")
        if self.is_control:
            return 0 if faults == ["marked by: altered token of a reminder"] else 1
        return 1 if faults else 0


def wait_until(happened, otherwise: str) -> None:
    ends = time.monotonic() + MAX_WAIT_SECONDS
    while not happened():
        if time.monotonic() > ends:
            raise SystemExit(f"FAILED: {otherwise}")
        time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
