from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from conferences.models import Conference, Membership
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.entitled import entitled, excluded
from voting.elections.roll.publication import not_joined


@dataclass(frozen=True)
class Standing:
    """One candidate's place in the tally. Equal votes share a rank."""

    rank: int
    candidate: Membership
    votes: int
    is_tied: bool
    published_name: str = ""

    @property
    def name(self) -> str:
        """As published when voting closed; until then the current name."""
        return self.published_name or str(self.candidate)


@dataclass(frozen=True)
class TallyResult:
    standings: list[Standing]
    votes: int
    members: int
    excluded: int = 0
    # Of the members above, those who may vote and have not joined.
    not_joined: int = 0
    # If these are not the figures of now.
    counted_at: datetime | None = None

    @property
    def turnout(self) -> float:
        """Votes per member who may vote, in percent; at most 100, even if a voter has been disabled since."""
        return min(100 * self.votes / self.members, 100.0) if self.members else 0.0

    @property
    def leaders(self) -> list[Standing]:
        return [s for s in self.standings if s.rank == 1]

    def is_sole_leader(self, candidate_id: int) -> bool:
        return [s.candidate.pk for s in self.leaders] == [candidate_id]


def turnout_of(conference: Conference) -> TallyResult:
    """How many voted of how many, who have joined or not, but not for whom."""
    return TallyResult([], votes_of(conference), **people_of(conference))


def votes_of(conference: Conference) -> int:
    counted = Vote.objects.filter(election=conference.election).aggregate(n=Count("*"))
    return int(counted["n"])


def people_of(conference: Conference) -> dict[str, Any]:
    counted = Election.objects.filter(pk=conference.pk).values(members=entitled(), excluded=excluded()).get()
    waiting = not_joined(conference.election)
    # A roll has those who have not joined; until there is one, the roster has them.
    later = 0 if conference.election.roll_frozen_at else waiting
    return {**counted, "members": counted["members"] + later, "not_joined": waiting}


def tally_of(conference: Conference) -> TallyResult:
    """Votes per candidate, most first; ties in the order of membership, which never changes.

    Once voting has closed it is what was published then, whatever happened to the rows since.
    """
    published = ensure_published(conference)
    if published:
        return published_tally(published)
    counted = votes_per_candidate(conference)
    return TallyResult(standings_of(counted, {}), sum(counted.values()), **people_of(conference))


def published_tally(published: PublishedBallots) -> TallyResult:
    names = {int(pk): named[0] for pk, named in published.names.items()}
    counted = {int(candidate): votes for candidate, votes in published.result["tally"].items()}
    return replace(published_turnout(published), standings=standings_of(counted, names))


def published_turnout(published: PublishedBallots) -> TallyResult:
    result = published.result
    return TallyResult([], result["participants"], result["electorate"], result["excluded"])


def standings_of(counted: dict[int, int], names: dict[int, str]) -> list[Standing]:
    members = Membership.objects.select_related("user", "pitch", "conference").in_bulk(counted)
    shared = Counter(counted.values())
    standings: list[Standing] = []
    for position, pk in enumerate(sorted(counted, key=lambda pk: (-counted[pk], pk)), start=1):
        votes = counted[pk]
        rank = standings[-1].rank if standings and standings[-1].votes == votes else position
        standings.append(Standing(rank, members[pk], votes, shared[votes] > 1, names.get(pk, "")))
    return standings


def votes_per_candidate(conference: Conference) -> dict[int, int]:
    """The count itself: candidate's member ID and votes, from one scan of one index."""
    votes = Vote.objects.filter(election=conference.election).order_by().values("candidate")
    return dict(votes.annotate(n=Count("*")).values_list("candidate", "n"))


def tally_record(tally: TallyResult) -> dict[str, Any]:
    """The tally as a decision stores it: plain values that later changes cannot affect."""
    return {
        "counted_at": timezone.now().isoformat(),
        "votes": tally.votes,
        "members": tally.members,
        "excluded": tally.excluded,
        "standings": [
            {"rank": s.rank, "member": s.candidate.pk, "name": s.name, "votes": s.votes}
            for s in tally.standings
        ],
    }
