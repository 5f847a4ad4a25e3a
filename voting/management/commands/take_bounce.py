import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error

from confbox.kit.returned_emails import READ_BYTES
from voting.campaigns.bounces.envelopes import recipients_in
from voting.campaigns.bounces.taking import note_reading, take_bounce

# EX_TEMPFAIL of sysexits.h: the mail server keeps the email and tries again.
TRY_AGAIN = 75


class Command(BaseCommand):
    help = "Takes one returned email from standard input; docs/bounces.md says how a mail server calls it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("recipient", nargs="?", help="the address it came back to; else from its headers")

    def handle(self, *args: Any, recipient: str | None, **options: Any) -> None:
        raw = sys.stdin.buffer.read(READ_BYTES)
        while sys.stdin.buffer.read(READ_BYTES):
            pass
        try:
            note_reading()
            self.stdout.write(take_bounce(raw=raw, sent_to=[recipient] if recipient else recipients_in(raw)))
        except Error:
            self.stderr.write("The database does not answer.")
            sys.exit(TRY_AGAIN)
