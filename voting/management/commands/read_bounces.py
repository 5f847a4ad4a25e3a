from imaplib import IMAP4
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from imap_tools import ImapToolsError

from voting.campaigns.bounces.imap import read_mailbox


class Command(BaseCommand):
    help = "Takes the returned emails in the mailbox of BOUNCE_IMAP that have not been read."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCE_IMAP:
            raise CommandError("BOUNCE_IMAP is empty; docs/bounces.md explains it.")
        try:
            for taken in read_mailbox(settings.BOUNCE_IMAP):
                self.stdout.write(taken)
        except (ImapToolsError, IMAP4.error, OSError) as error:
            raise CommandError(f"The mailbox could not be read: {error}") from error
