"""The order of a ballot: fair to the candidates and stable for the voter."""

from hashlib import sha256

from conferences.models import Conference, Membership


def ballot_order(*, conference: Conference, voter: Membership) -> list[int]:
    """Numbers of the candidates with a pitch, shuffled for this voter.

    Each voter has their own order, so no candidate gains from standing first, and it is the same
    at every visit. The voter is not in their own ballot.
    """
    candidates = Membership.objects.candidates().filter(conference=conference, pitch__isnull=False)
    numbers = candidates.exclude(pk=voter.pk).values_list("pk", flat=True)
    return sorted(numbers, key=lambda number: sha256(f"{voter.pk}:{number}".encode()).digest())
