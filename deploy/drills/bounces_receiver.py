"""The mail server of all recipients: it accepts everything, checks signatures, and returns some later."""

import re
import smtplib
import subprocess
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiosmtpd.controller import Controller

REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.elsewhere.example>
To: {sender}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

The mailbox of this recipient does not exist.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.example

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}> User unknown

--b--
"""


class Received(NamedTuple):
    sender: str
    recipient: str
    content: bytes


class Receiver:
    def __init__(self, port: int, campaign: int) -> None:
        self.emails: list[Received] = []
        self.message_id = f"<campaign.{campaign}.".encode()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            self.emails.append(Received(envelope.mail_from, recipient, envelope.content))
        return "250 taken"

    def of_campaign(self) -> list[Received]:
        return [email for email in self.emails if self.message_id in email.content]

    def count_signed(self, keys: Path) -> int:
        """How many emails of the campaign have a valid signature, by opendkim's own check."""
        public = "".join(re.findall(r'"([^"]*)"', (keys / "drill.txt").read_text()))
        (keys / "public").write_text(f"drill._domainkey.site.example {public}\n")
        configuration = keys / "check.conf"
        configuration.write_text(f"Mode v\nTestPublicKeys {keys}/public\nSyslog false\n")
        return sum(_is_signed(email, configuration) for email in self.of_campaign())

    def return_late(self, number: int, port: int) -> set[str]:
        """Returns so many of them to their envelope senders, and says whose."""
        late = self.of_campaign()[::19][:number]
        with smtplib.SMTP("127.0.0.1", port) as server:
            for email in late:
                server.sendmail("", [email.sender], report(email.recipient, email.sender))
        return {email.recipient for email in late}


def report(address: str, sender: str) -> str:
    return REPORT.format(address=address, sender=sender)


def _is_signed(email: Received, configuration: Path) -> bool:
    path = configuration.with_name("email")
    path.write_bytes(email.content)
    command = ["opendkim", "-t", path, "-x", configuration, "-v"]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    return "d=site.example" in run.stdout and run.stdout.strip().endswith("succeeded")
