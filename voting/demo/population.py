"""A platform of any size: invented people, one big conference, pitches and votes.

Everything about person number n follows from the seed and n alone, so a second run finds what the first one
created, and a larger one continues where a smaller one stopped.
"""

import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from confbox.kit.mailbox_digests import mailbox_digest
from conferences.actions import create_conferences
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.models import Pitch, Vote
from voting.elections.receipts.tracker import tracker_of

WORDS = tomllib.loads((Path(__file__).parent / "data/names.toml").read_text(encoding="utf-8"))
SLUG = "big-conference"
BATCH = 1000
# One person in this many has a pitch, and joins other conferences too.
ONE_PITCH_IN, ONE_GUEST_IN = 33, 5
TURNOUT = 0.62

Say = Callable[[str], None]


def number_of(email: str) -> int:
    return int(email.partition("@")[0].removeprefix("person"))


def domain_of(seed: int) -> str:
    return f"seed{seed}.example.net"


def draw_for(what: str, seed: int, number: int) -> Random:
    """A random generator for one thing about one person."""
    return Random(f"{what}:{seed}:{number}")


@transaction.atomic
def populate(*, members: int, seed: int, slug: str, password: str | None, say: Say) -> dict[str, int]:
    """Adds the missing members, pitches and votes to the conference; a second run adds nothing.

    Raises:
        Conference.DoesNotExist: no conference has this slug.
    """
    conference = Conference.objects.get(slug=slug) if slug != SLUG else big_conference()
    added = {"people": add_people(members, seed, password, say)}
    people = dict(_people_of(seed).values_list("pk", "email"))
    numbers = {pk: number_of(email) for pk, email in people.items() if number_of(email) <= members}
    conference = lock_election(conference.pk).conference
    added["memberships"] = add_memberships(conference, {pk: people[pk] for pk in numbers}, say)
    added["memberships elsewhere"] = add_guests(conference, numbers, people, seed, say)
    added["pitches"] = add_pitches(conference, numbers, seed, say)
    added["votes"] = add_votes(conference, numbers, seed, say) if conference.election.is_open() else 0
    return added


def big_conference() -> Conference:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    columns = {
        "title": "The Big Conference",
        "agenda": "One conference for everybody, made to see how a platform of the promised size feels.",
        "place": "Online",
        "topic": "general",
        "status": Conference.Status.ACTIVE,
        "starts_at": now + timedelta(days=60),
        "ends_at": now + timedelta(days=62),
    }
    if found := Conference.objects.filter(slug=SLUG).first():
        return found
    [conference] = create_conferences(conferences=[Conference(slug=SLUG, **columns)])
    Election.objects.filter(conference__slug=SLUG).update(
        opens_at=now - timedelta(days=10),
        closes_at=now + timedelta(days=20),
        rules_set_at=now - timedelta(days=11),
    )
    return conference


def _people_of(seed: int) -> Any:
    return User.objects.filter(email__endswith=f"@{domain_of(seed)}").order_by("pk")


def add_people(members: int, seed: int, password: str | None, say: Say) -> int:
    there = {number_of(email) for email in _people_of(seed).values_list("email", flat=True)}
    shared, now = make_password(password), timezone.now()
    missing = [number for number in range(1, members + 1) if number not in there]
    for batch in _batches([new_person(seed, number, shared, now) for number in missing], "people", say):
        User.objects.bulk_create(batch)
    confirmed = EmailAddress.objects.filter(user__in=_people_of(seed).values("pk")).values("user")
    rows = [
        EmailAddress(user_id=pk, email=email, verified=True, primary=True)
        for pk, email in _people_of(seed).exclude(pk__in=confirmed).values_list("pk", "email")
    ]
    for batch in _batches(rows, "addresses", say):
        EmailAddress.objects.bulk_create(batch)
    return len(missing)


def new_person(seed: int, number: int, password: str, now: datetime) -> User:
    draw = draw_for("person", seed, number)
    profession, town = draw.choice(WORDS["professions"]), draw.choice(WORDS["towns"])
    return User(
        email=f"person{number:06}@{domain_of(seed)}",
        name=new_name(draw),
        profession=profession,
        bio=f"{profession} in {town}; {draw.choice(WORDS['pastimes'])}.",
        password=password,
        date_joined=now - timedelta(minutes=draw.randrange(60 * 24 * 365)),
    )


def new_name(draw: Random) -> str:
    culture = draw.choice(WORDS["cultures"])
    parts = [draw.choice(culture["given"]), draw.choice(culture["family"])]
    if culture.get("family_first"):
        parts.reverse()
    return ("" if culture.get("joined") else " ").join(parts)


def add_memberships(conference: Conference, people: dict[int, str], say: Say) -> int:
    there = set(Membership.objects.filter(conference=conference).values_list("user", flat=True))
    missing = [pk for pk in people if pk not in there]
    digest: Callable[[str], str | None] = (
        mailbox_digest if conference.one_account_per_mailbox else _no_mailbox
    )
    rows = [
        Membership(
            conference=conference,
            user_id=pk,
            mailbox=digest(people[pk]),
            joined_at=_joined_at(conference, pk),
        )
        for pk in missing
    ]
    for batch in _batches(rows, "memberships", say):
        Membership.objects.bulk_create(batch)
    return len(rows)


def _joined_at(conference: Conference, user: int) -> datetime:
    """Within the twenty days before voting opened, or before now."""
    now = timezone.now()
    latest = min(conference.election.opens_at or now, now)
    return latest - timedelta(minutes=draw_for("joined", conference.pk, user).randrange(20 * 24 * 60))


def _no_mailbox(_email: str) -> None:
    """Used if the conference allows several accounts per mailbox."""


def add_guests(
    conference: Conference, numbers: dict[int, int], people: dict[int, str], seed: int, say: Say
) -> int:
    """Makes some people join other upcoming conferences as well."""
    now = timezone.now()
    others = list(Conference.objects.listed_for(AnonymousUser()).upcoming(now).exclude(pk=conference.pk)[:10])
    rooms: dict[int, dict[int, str]] = {other.pk: {} for other in others}
    for pk, number in numbers.items():
        draw = draw_for("guest", seed, number)
        if others and draw.randrange(ONE_GUEST_IN) == 0:
            rooms[draw.choice(others).pk][pk] = people[pk]
    return sum(add_memberships(other, rooms[other.pk], say) for other in others)


def add_pitches(conference: Conference, numbers: dict[int, int], seed: int, say: Say) -> int:
    ours = Membership.objects.filter(conference=conference, user__in=list(numbers), pitch=None)
    rows = []
    for pk, user in ours.values_list("pk", "user"):
        draw = draw_for("pitch", seed, numbers[user])
        if draw.randrange(ONE_PITCH_IN) == 0:
            subject = draw.choice(WORDS["subjects"])
            headline = draw.choice(WORDS["angles"]).format(subject)
            statement = draw.choice(WORDS["promises"])
            rows.append(
                Pitch(membership_id=pk, headline=headline[:1].upper() + headline[1:], statement=statement)
            )
    for batch in _batches(rows, "pitches", say):
        Pitch.objects.bulk_create(batch)
    return len(rows)


def add_votes(conference: Conference, numbers: dict[int, int], seed: int, say: Say) -> int:
    """Adds votes of most members who have none; the candidates' popularity follows Zipf's law."""
    candidates = Membership.objects.candidates().filter(conference=conference, pitch__isnull=False)
    ranked = list(candidates.order_by("pk").values_list("pk", flat=True))
    Random(seed).shuffle(ranked)
    weights = list(accumulate(1 / rank for rank in range(1, len(ranked) + 1)))
    voters = Membership.objects.of_active_people().filter(
        conference=conference, user__in=list(numbers), vote=None
    )
    rows = []
    for pk, user in voters.values_list("pk", "user") if len(ranked) > 1 else []:
        draw = draw_for("vote", seed, numbers[user])
        if draw.random() < TURNOUT:
            liked = pk
            while liked == pk:
                [liked] = draw.choices(ranked, cum_weights=weights)
            rows.append(new_vote(conference, pk, liked, draw))
    for batch in _batches(rows, "votes", say):
        Vote.objects.bulk_create(batch)
    return len(rows)


def new_vote(conference: Conference, voter: int, candidate: int, draw: Random) -> Vote:
    opens, nonce = conference.election.opens_at or timezone.now(), f"{draw.getrandbits(128):032x}"
    return Vote(
        voter_id=voter,
        election=conference.election,
        candidate_id=candidate,
        cast_at=opens + (timezone.now() - opens) * draw.random(),
        nonce=nonce,
        tracker=tracker_of(conference_id=conference.pk, member_id=voter, nonce=nonce),
    )


def _batches(rows: list[Any], what: str, say: Say) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
        say(f"{what}: {min(start + BATCH, len(rows))} of {len(rows)}")
