from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conferences.models import Conference
from voting.demo.population import SLUG, populate

MOST = 999_999


class Command(BaseCommand):
    help = (
        "Adds invented people with confirmed email addresses to one big conference whose voting is open, "
        "with pitches and votes, to see the platform at its promised size. All or nothing; the same "
        "seed makes the same people, and running it again adds only what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--conference", metavar="SLUG", default=SLUG, help="instead of one of its own")
        parser.add_argument("--password", help="lets all of them log in with it; without it no one can")

    def handle(
        self, *args: Any, members: int, seed: int, conference: str, password: str | None, **options: Any
    ) -> None:
        if not 1 <= members <= MOST or seed < 0:
            raise CommandError(f"--members takes 1 to {MOST}, --seed 0 or more.")
        try:
            added = populate(
                members=members, seed=seed, slug=conference, password=password, say=self.stderr.write
            )
        except Conference.DoesNotExist as error:
            raise CommandError(f"There is no conference {conference}.") from error
        self.stdout.write("Added " + ", ".join(f"{n} {what}" for what, n in added.items()) + ".")
