from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conferences.models import Conference
from voting.elections.models import Decision
from voting.elections.receipts import verify
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.signing import is_signature
from voting.elections.roll.publication import roll_csv
from voting.elections.tally import TallyResult, tally_of, votes_per_candidate


class Command(BaseCommand):
    help = "Counts a conference's votes again and compares the count with everything published."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        conference = Conference.objects.filter(slug=slug).first()
        if conference is None:
            raise CommandError(f"There is no conference {slug}.")
        tally = tally_of(conference)
        for standing in tally.standings:
            self.stdout.write(f"{standing.votes:>8}  {standing.candidate.pk:>8}  {standing.name}")
        self.stdout.write(f"{tally.votes:>8}  votes of {tally.members} members")
        problems = [*_against_published(conference), *_against_decision(conference, tally)]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems")
        self.stdout.write("The count agrees with everything published.")


def _against_published(conference: Conference) -> list[str]:
    published = PublishedBallots.objects.filter(election=conference.election).first()
    if published is None:
        return []
    result = published.file
    problems: list[str] = verify.check_ballots(published.ballots.encode(), result, published.digest)
    problems += verify.check_people(result)
    problems += verify.check_roll(roll_csv(conference.election).encode(), result)
    if not is_signature(published.signature, of=verify.signed_text(result)):
        problems.append("signature: this site did not sign this result")
    counted = {str(candidate): votes for candidate, votes in votes_per_candidate(conference).items()}
    if published.unlinked_at is None and counted != result["tally"]:
        problems.append("votes: the rows do not give the published tally")
    return problems


def _against_decision(conference: Conference, tally: TallyResult) -> list[str]:
    decision = Decision.objects.filter(election=conference.pk).first()
    if decision is None:
        return []
    record = decision.tally
    recorded = {row["member"]: row["votes"] for row in record["standings"]}
    counted = {s.candidate.pk: s.votes for s in tally.standings}
    people = (record["votes"], record["members"], record["excluded"])
    is_same = recorded == counted and people == (tally.votes, tally.members, tally.excluded)
    return [] if is_same else ["decision: its record is not the count"]
