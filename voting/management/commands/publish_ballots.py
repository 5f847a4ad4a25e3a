from typing import Any

from django.core.management.base import BaseCommand

from voting.elections.receipts.actions import publish_closed_ballots


class Command(BaseCommand):
    help = "Publishes the ballots of every conference whose voting has closed. Does nothing twice."

    def handle(self, *args: Any, **options: Any) -> None:
        for published in publish_closed_ballots():
            self.stdout.write(f"{published.election.conference.slug} {published.digest}")
