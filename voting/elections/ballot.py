"""The order of a ballot, fair to the candidates and stable for the voter, and the choice made on it."""

import re
from hashlib import sha256

from django.http import QueryDict

from conferences.models import Conference, Membership


def ballot_order(*, conference: Conference, voter: Membership) -> list[int]:
    """IDs of the candidates with a pitch, shuffled for this voter.

    Each voter has their own order, so no candidate gains from being first, and it is the same at every
    visit. The voter is not on their own ballot.
    """
    candidates = Membership.objects.candidates().filter(conference=conference, pitch__isnull=False)
    ids = candidates.exclude(pk=voter.pk).values_list("pk", flat=True)
    return sorted(ids, key=lambda pk: sha256(f"{voter.pk}:{pk}".encode()).digest())


def chosen_candidate(form: QueryDict) -> int | None:
    """The ID of the one member whom this form votes for; None if it names none, several or an invalid ID.

    An ID has ASCII digits, at most as many as every database's BIGINT can store.
    """
    match form.getlist("candidate"):
        case [str(choice)] if re.fullmatch(r"[0-9]{1,18}", choice):
            return int(choice)
    return None
