from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from conferences.models import Conference
from voting.elections.receipts.actions import unlink_voters


class Command(BaseCommand):
    help = "Permanently removes the link between voters and their choices; the published ballots stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--early", action="store_true", help="before the dispute window has ended")

    def handle(self, *args: Any, slug: str, early: bool, **options: Any) -> None:
        conference = Conference.objects.filter(slug=slug).first()
        if conference is None:
            raise CommandError(f"There is no conference {slug}.")
        try:
            removed = unlink_voters(conference=conference, is_early=early, by=Actor.of_command())
        except ValidationError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{slug}: removed the link of {removed} votes to their voters")
