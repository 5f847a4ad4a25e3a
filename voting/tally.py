from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from conferences.memberships.models import SHOWN_AS_ENTITLED
from conferences.models import Conference, Membership
from voting.models import PublishedBallots, Vote


@dataclass(frozen=True)
class Standing:
    """One candidate's place in the tally. Equal votes share a rank."""

    rank: int
    candidate: Membership
    votes: int
    is_tied: bool


@dataclass(frozen=True)
class TallyResult:
    standings: list[Standing]
    votes: int
    members: int
    excluded: int = 0

    @property
    def turnout(self) -> float:
        """Votes per member who may vote, in percent; at most 100, also when one was disabled since."""
        return min(100 * self.votes / self.members, 100.0) if self.members else 0.0

    @property
    def leaders(self) -> list[Standing]:
        return [s for s in self.standings if s.rank == 1]

    def is_sole_leader(self, candidate_id: int) -> bool:
        return [s.candidate.pk for s in self.leaders] == [candidate_id]


def tally_of(conference: Conference) -> TallyResult:
    """Votes per candidate, most first; ties in the order of membership, which never changes."""
    rows = sorted(_counted(conference), key=lambda row: (-row[1], row[0].pk))
    shared = Counter(votes for _, votes in rows)
    standings: list[Standing] = []
    for position, (candidate, votes) in enumerate(rows, start=1):
        rank = standings[-1].rank if standings and standings[-1].votes == votes else position
        standings.append(Standing(rank, candidate, votes, shared[votes] > 1))
    people = Membership.objects.filter(conference=conference).aggregate(
        members=Count("pk", filter=SHOWN_AS_ENTITLED),
        excluded=Count("pk", filter=Q(excluded_at__isnull=False)),
    )
    return TallyResult(standings, sum(votes for _, votes in rows), **people)


def votes_per_candidate(conference: Conference) -> dict[int, int]:
    """The count itself: candidate's member number and votes, from one walk along one index."""
    votes = Vote.objects.filter(conference=conference).order_by().values("candidate")
    return dict(votes.annotate(n=Count("*")).values_list("candidate", "n"))


def _counted(conference: Conference) -> list[tuple[Membership, int]]:
    """Candidates and their votes; from the published ballots once the votes are sealed."""
    members = Membership.objects.select_related("user", "pitch")
    counted = votes_per_candidate(conference)
    if counted:
        chosen = Vote.objects.filter(conference=conference).values("candidate")
        return [(m, counted[m.pk]) for m in members.filter(pk__in=chosen)]
    sealed = PublishedBallots.objects.filter(conference=conference).exclude(sealed_at=None).first()
    tally = {int(number): n for number, n in sealed.result["tally"].items()} if sealed else {}
    return [(m, tally[m.pk]) for m in members.in_bulk(tally).values()]


def tally_record(tally: TallyResult) -> dict[str, Any]:
    """The tally as a decision keeps it: plain values that later changes cannot touch."""
    return {
        "counted_at": timezone.now().isoformat(),
        "votes": tally.votes,
        "members": tally.members,
        "excluded": tally.excluded,
        "standings": [
            {"rank": s.rank, "member": s.candidate.pk, "name": str(s.candidate), "votes": s.votes}
            for s in tally.standings
        ],
    }
