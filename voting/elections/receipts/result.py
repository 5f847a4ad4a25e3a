"""The content of result.json for a closed election, computed once from the rows at that time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC
from hashlib import sha256
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from conferences.models import Conference, Membership
from voting.elections.election.electorate import SHOWN_AS_ENTITLED
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.signing import public_key, sign
from voting.elections.receipts.tracker import make_nonce
from voting.elections.roll.publication import not_joined, roll_figures

FEWEST_VOTERS = 5
"""Names of those who voted are published from this number on."""

FEWEST_VOID = 5
"""Fewer void votes are not published: beside one exclusion their number tells who had voted."""

Names = dict[str, tuple[str, str]]


def ballots_of(conference: Conference) -> str:
    rows = sorted(Vote.objects.filter(election=conference.election).values_list("tracker", "candidate"))
    return "tracker,choice\n" + "".join(f"{tracker},{choice}\n" for tracker, choice in rows)


def result_of(conference: Conference, *, ballots: str, void: int) -> tuple[dict[str, Any], Names]:
    """The signed result, and the names whose digests it contains."""
    choices = [int(line.split(",")[1]) for line in ballots.splitlines()[1:]]
    tally = dict(sorted(Counter(choices).items(), key=lambda counted: (-counted[1], counted[0])))
    voters = sorted(Vote.objects.filter(election=conference.election).values_list("voter", flat=True))
    shows_who_voted = conference.election.publishes_participants and hides_choices(voters, tally)
    names = _names(conference, with_voters=shows_who_voted)
    result = {
        "version": "conferencebox-result-2",
        "conference": conference.pk,
        "title": conference.title,
        **_window(conference),
        **_people(conference),
        "who_votes": conference.election.who_votes,
        "roll": roll_figures(conference.election),
        **({"void": void} if void >= FEWEST_VOID else {}),
        "participants": len(choices),
        "tally": {str(candidate): votes for candidate, votes in tally.items()},
        **({"voters": voters} if shows_who_voted else {}),
        "people": {pk: verify.name_digest(conference.pk, pk, *named) for pk, named in names.items()},
        "digest": sha256(ballots.encode()).hexdigest(),
        "key": public_key(),
    }
    return result | {"signature": sign(verify.signed_text(result))}, names


def hides_choices(voters: Iterable[int], tally: Mapping[int, int]) -> bool:
    """Whether the names of the voters, together with this tally, reveal no one's vote to anyone.

    No one votes for themselves, and the voter who cast the only vote for a candidate knows that the others
    did not:
    for every reader, each voter must be left with two candidates who may have got the vote.
    """
    voters, single = set(voters), {candidate for candidate, votes in tally.items() if votes == 1}
    if len(voters) < FEWEST_VOTERS:
        return False
    any_member = 0
    return all(
        len(tally.keys() - {v}) - bool(single - {v}) >= 2 for v in [any_member, *(voters & tally.keys())]
    )


def hours_of(conference: Conference) -> list[tuple[str, int]]:
    votes = Vote.objects.filter(election=conference.election).order_by()
    by_hour = votes.annotate(hour=TruncHour("cast_at", tzinfo=UTC)).values("hour").annotate(n=Count("pk"))
    return [(hour.isoformat(), n) for hour, n in sorted(by_hour.values_list("hour", "n"))]


def _window(conference: Conference) -> dict[str, Any]:
    opens, closes = conference.election.opens_at, conference.election.closes_at
    return {"opened_at": opens and opens.isoformat(), "closed_at": closes and closes.isoformat()}


def _people(conference: Conference) -> dict[str, int]:
    counted = Membership.objects.filter(conference=conference).aggregate(
        electorate=Count("pk", filter=SHOWN_AS_ENTITLED),
        excluded=Count("pk", filter=Q(excluded_at__isnull=False)),
    )
    return counted | {"electorate": counted["electorate"] + not_joined(conference.election)}


def _names(conference: Conference, *, with_voters: bool) -> Names:
    votes = Vote.objects.filter(election=conference.election)
    named = Q(pk__in=votes.values("candidate"))
    if with_voters:
        named |= Q(pk__in=votes.values("voter"))
    members = Membership.objects.filter(named).values_list("pk", "user__name")
    return {str(pk): (name, make_nonce()) for pk, name in members}
