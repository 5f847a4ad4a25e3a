"""The order of a ballot, fair to the candidates and stable for the voter, and the choice made on it."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from django.http import QueryDict
from django.urls import get_script_prefix
from django.utils.translation import get_language

from confbox.kit.compiled_queries import CompiledQuery, parameter, parameters
from conferences.models import Conference, Membership
from voting.elections.models import covers_now
from voting.elections.moderation.covering import pitch_of

CANDIDATES_PER_PAGE = 10
IDS_SECONDS = 1.0
"""How late a new candidate may be on ballots. Who is no longer one is on none at once."""
KEPT = 2000
"""Candidates, by each process; each has about two kilobytes."""
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
        Membership.objects.candidates()
        .filter(pk__in=parameters("ids", CANDIDATES_PER_PAGE), pitch__isnull=False)
        .select_related("user", "pitch")
        .only(*SHOWN)
        .order_by()
    )
)


@dataclass(frozen=True)
class Candidate:
    """What a ballot needs of a candidate, to show it to any voter."""

    pk: int
    name: str
    small_picture_url: str
    profession: str
    headline: str
    """Empty without a pitch, like the statement."""
    statement: str
    covered_until: datetime | None
    accepts_votes: bool
    is_pitch_hidden: bool

    @property
    def is_covered(self) -> bool:
        """Whether no voter sees the pitch just now."""
        return covers_now(self.covered_until)


def candidate_of(person: Membership) -> Candidate:
    profile, pitch = person.profile, pitch_of(person)
    return Candidate(
        pk=person.pk,
        name=str(profile),
        small_picture_url=profile.small_picture_url,
        profession=profile.shown_profession,
        headline=pitch.headline if pitch else "",
        statement=pitch.statement if pitch else "",
        covered_until=pitch.covered_until if pitch else None,
        accepts_votes=person.accepts_votes,
        is_pitch_hidden=person.is_pitch_hidden,
    )


def ballot_order(*, conference: Conference, voter: Membership) -> list[int]:
    """IDs of the candidates with a pitch, shuffled for this voter.

    Each voter has their own order, so no candidate gains from being first, and it is the same at every
    visit. The voter is not on their own ballot.
    """
    # All voters of a rush get the same IDs; in what order is drawn for each.
    known, own = _ids_on_ballot(conference.pk, int(time.perf_counter() / IDS_SECONDS)), voter.pk
    return sorted((pk for pk in known if pk != own), key=partial(_place, own))


def rest_of_ballot(*, conference: Conference, voter: Membership, after: int | None) -> list[int]:
    """The IDs after this one, also if it is no candidate any more; all without one."""
    ids = ballot_order(conference=conference, voter=voter)
    if after is None:
        return ids
    place = _place(voter.pk, after)
    return [pk for pk in ids if _place(voter.pk, pk) > place]


def _place(voter: int | None, pk: int) -> bytes:
    """The voter of a preview has no ID."""
    return sha256(f"{voter}:{pk}".encode()).digest()


@lru_cache(200)
def _ids_on_ballot(conference: int, _period: int) -> tuple[int, ...]:
    return tuple(pk for [pk] in ON_BALLOT.rows(conference=conference))


def candidates_on_page(ids: Sequence[int]) -> list[Candidate]:
    """The candidates with these IDs in this order, without those who no longer are any."""
    seen_by = get_language(), get_script_prefix()
    rows = ON_PAGE.rows(ids=ids) if ids else []
    found = {one.pk: one for one in (_candidate_in(tuple(row), *seen_by) for row in rows)}
    return [found[pk] for pk in ids if pk in found]


def candidates_in_order(ids: Sequence[int]) -> list[Candidate]:
    """As `candidates_on_page`, of more than one page."""
    starts = range(0, len(ids), CANDIDATES_PER_PAGE)
    pages = [candidates_on_page(ids[start : start + CANDIDATES_PER_PAGE]) for start in starts]
    return [one for page in pages for one in page]


@lru_cache(KEPT)
def _candidate_in(row: tuple[Any, ...], _language: str | None, _prefix: str) -> Candidate:
    """Kept by all that was read, so a change makes another; a nameless person has a name in each language."""
    return candidate_of(ON_PAGE.object_of(list(row)))


def chosen_candidate(form: QueryDict) -> int | None:
    """The ID of the one member whom this form votes for; None if it names none, several or an invalid ID.

    An ID has ASCII digits, at most as many as every database's BIGINT can store.
    """
    match form.getlist("candidate"):
        case [str(choice)] if re.fullmatch(r"[0-9]{1,18}", choice):
            return int(choice)
    return None
