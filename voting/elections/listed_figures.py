"""How many may vote and have voted, for a page of many elections.

Only the elections of the page are counted, and of a large one only as far as an index leads quickly.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from confbox.kit.row_counts import BoundedPaginator, count_each
from conferences.members_in_order import MOST_SORTED
from conferences.models import Membership
from voting.elections.election.models import Election
from voting.elections.models import Decision, Vote
from voting.elections.roll.entitled import IS_RUNNING, entitled, entitled_of_running

MOST_COUNTED = BoundedPaginator.MOST


def listed(elections: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates each with its speaker and what was published when voting closed; `count` does the rest."""
    accepted = Decision.objects.accepted().filter(election=OuterRef("pk"))
    is_running = Case(When(IS_RUNNING, then=Value(True)), default=Value(False), output_field=BooleanField())
    found: QuerySet[Any] = elections.annotate(
        published_members=_published("electorate"),
        published_votes=_published("participants"),
        is_running=is_running,
        speaker_name=Subquery(accepted.values("speaker_name")[:1]),
    )
    return found


def _published(figure: str) -> Cast:
    return Cast(KeyTextTransform(figure, "published_ballots__result"), IntegerField())


def count(elections: Sequence[Any]) -> None:
    """Gives each of these, which are `listed`, its numbers of members and of votes."""
    unpublished = [election for election in elections if election.published_votes is None]
    members, votes = _members(unpublished), _votes(unpublished)
    for election in elections:
        election.member_count = members.get(election.pk, election.published_members)
        election.vote_count = votes.get(election.pk, election.published_votes)


def _votes(elections: Sequence[Any]) -> dict[int, int]:
    votes = [Vote.objects.filter(election=election) for election in elections]
    return dict(zip([e.pk for e in elections], count_each(votes, MOST_COUNTED), strict=True))


def _members(elections: Sequence[Any]) -> dict[int, int]:
    """Of one that is not open and has very many members, all current ones: their accounts are not read."""
    others = [election.pk for election in elections if not election.is_running]
    current = [Membership.objects.current().filter(conference=pk) for pk in others]
    found = dict(zip(others, count_each(current, MOST_COUNTED), strict=True))
    few = [pk for pk, number in found.items() if number <= MOST_SORTED]
    if few:
        found |= dict(Election.objects.filter(pk__in=few).values_list("pk", entitled()))
    running = [election for election in elections if election.is_running]
    return found | (entitled_of_running(running) if running else {})
