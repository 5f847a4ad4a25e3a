"""The order of a ballot, fair to the candidates and stable for the voter, and the choice made on it."""

import re
from collections.abc import Sequence
from hashlib import sha256

from django.http import QueryDict

from confbox.kit.compiled_queries import CompiledQuery, parameter, parameters
from conferences.models import Conference, Membership

CANDIDATES_PER_PAGE = 10
# What a card needs, and no one's password or telephone number.
SHOWN = ["accepts_votes", "pitch_hidden_at", "profile_hidden_at"]
SHOWN += ["user__name", "user__picture", "user__profession", "user__shows_profession"]
SHOWN += ["pitch__headline", "pitch__statement", "pitch__covered_until"]
ON_BALLOT = CompiledQuery(
    lambda: (
        Membership.objects.candidates()
        .filter(conference=parameter("conference"), pitch__isnull=False)
        .order_by()
        .values_list("pk")
    )
)
ON_PAGE = CompiledQuery(
    lambda: (
        Membership.objects.filter(pk__in=parameters("ids", CANDIDATES_PER_PAGE))
        .select_related("user", "pitch")
        .only(*SHOWN)
        .order_by()
    )
)


def ballot_order(*, conference: Conference, voter: Membership) -> list[int]:
    """IDs of the candidates with a pitch, shuffled for this voter.

    Each voter has their own order, so no candidate gains from being first, and it is the same at every
    visit. The voter is not on their own ballot.
    """
    ids = [pk for [pk] in ON_BALLOT.rows(conference=conference.pk) if pk != voter.pk]
    return sorted(ids, key=lambda pk: sha256(f"{voter.pk}:{pk}".encode()).digest())


def candidates_on_page(ids: Sequence[int]) -> list[Membership]:
    """The members with these IDs in this order, each with their pitch, without those who are gone."""
    found = {person.pk: person for person in ON_PAGE.all(ids=ids)} if ids else {}
    return [found[pk] for pk in ids if pk in found]


def chosen_candidate(form: QueryDict) -> int | None:
    """The ID of the one member whom this form votes for; None if it names none, several or an invalid ID.

    An ID has ASCII digits, at most as many as every database's BIGINT can store.
    """
    match form.getlist("candidate"):
        case [str(choice)] if re.fullmatch(r"[0-9]{1,18}", choice):
            return int(choice)
    return None
