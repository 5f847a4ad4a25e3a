from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from voting.demo import loading


class Command(BaseCommand):
    help = (
        "Loads the roles and the demonstration, with times that make sense today. Where the "
        "demonstration is there already, moves its times to today and keeps everything else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="load it even if there are other people; its log-ins, one of them an organiser's, "
            "have a well-known password",
        )

    def handle(self, *args: Any, force: bool, verbosity: int, **options: Any) -> None:
        sentence = self.load(force)
        if verbosity:
            self.stdout.write(sentence)

    def load(self, force: bool) -> str:
        if loading.is_loaded():
            moved = loading.refresh_demo()
            return f"The demonstration is already loaded; the times of {moved} conferences were moved."
        others = loading.other_people()
        if others and not force:
            raise CommandError(
                f"This database has {others} people who do not belong to the demonstration, and its "
                "passwords are public. Nothing was changed. Use --force to load it anyway."
            )
        if taken := loading.taken_addresses():
            raise CommandError(
                f"There are accounts with addresses of the demonstration: {', '.join(sorted(taken))}. "
                "Nothing was changed, because they would get its public password. Delete them first."
            )
        loading.load_demo()
        return "The demonstration is loaded."
