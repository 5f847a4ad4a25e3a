from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conferences.models import Conference
from voting.models import Decision, PublishedBallots
from voting.receipts import verify
from voting.receipts.signing import is_signature
from voting.tally import TallyResult, tally_of


class Command(BaseCommand):
    help = "Counts a conference's votes again and holds the count against everything published."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        conference = Conference.objects.filter(slug=slug).first()
        if conference is None:
            raise CommandError(f"There is no conference {slug}.")
        tally = tally_of(conference)
        for standing in tally.standings:
            self.stdout.write(f"{standing.votes:>8}  {standing.candidate.pk:>8}  {standing.candidate}")
        self.stdout.write(f"{tally.votes:>8}  votes of {tally.members} members")
        problems = [*_against_published(conference, tally), *_against_decision(conference, tally)]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems")
        self.stdout.write("The count agrees with everything published.")


def _against_published(conference: Conference, tally: TallyResult) -> list[str]:
    published = PublishedBallots.objects.filter(conference=conference).first()
    if published is None:
        return []
    problems: list[str] = verify.check_ballots(published.ballots.encode(), published.result, published.digest)
    if not is_signature(published.signature, of=verify.BALLOTS.format(**published.result)):
        problems.append("signature: this site did not sign these ballots")
    if published.result["tally"] != {str(s.candidate.pk): s.votes for s in tally.standings}:
        problems.append("votes: the rows do not give the published tally")
    return problems


def _against_decision(conference: Conference, tally: TallyResult) -> list[str]:
    decision = Decision.objects.filter(conference=conference).first()
    if decision is None:
        return []
    recorded = {row["member"]: row["votes"] for row in decision.tally["standings"]}
    counted = {s.candidate.pk: s.votes for s in tally.standings}
    return [] if recorded == counted else ["decision: its record is not the count of today"]
