"""What happens in a rehearsal, and how many seconds after it was started: who joins, stands and votes."""

from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from confbox.kit.email_addresses import INVENTED_DOMAIN, STARTS_INVENTED

OPENS_AFTER, CLOSES_AFTER = timedelta(minutes=1), timedelta(minutes=4)
# If no one ends it before.
LASTS = timedelta(days=1)
NAMES = [
    *("Amara Okafor", "Benedikt Huber", "Chloé Marchand", "Daniyar Akhmetov", "Elif Yıldız"),
    *("Fergus MacLeod", "Giulia Conti", "Haruka Mori", "Ilse Vandamme", "Joaquín Rivas"),
    *("Katarzyna Wrona", "Lindiwe Dube", "Matej Horvat", "Nadia Benali", "Oskar Lindqvist"),
    *("Priya Menon", "Quentin Leroy", "Rosa Figueira", "Samir Haddad", "Tuuli Saarinen"),
]
JOIN_EVERY = 2
# As in most votes, some do not take part.
ABSENT = (6, 13, 18)
FIRST_VOTE, LAST_VOTE = OPENS_AFTER.seconds + 5, CLOSES_AFTER.seconds - 20
# How long a chosen person who is invented takes to answer.
ANSWERS_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class InventedPitch:
    # The person's place in the list of names.
    number: int
    after: int
    headline: str | Promise
    statement: str | Promise


PITCHES = [
    InventedPitch(
        0,
        20,
        _("What we learned from ten years of volunteers"),
        _("Who comes back, who does not, and the one question that made the difference."),
    ),
    InventedPitch(
        4,
        30,
        _("Small tools that last"),
        _("Three programs that have run for twenty years, and why no one had to rewrite them."),
    ),
    InventedPitch(
        9,
        40,
        _("A city that listens"),
        _("How four neighbourhoods decided together what to build, and what went wrong first."),
    ),
]


def email_of(twin: int, number: int) -> str:
    return f"{STARTS_INVENTED}{twin}-{number:02}@{INVENTED_DOMAIN}"


def emails_of(twin: int) -> list[str]:
    """Of all who are invented for the rehearsal with this ID, in the order of their names."""
    return [email_of(twin, number) for number in range(len(NAMES))]


def number_of(email: str) -> int:
    return int(email.partition("@")[0].rpartition("-")[2])


def joins_after(number: int) -> int:
    return number * JOIN_EVERY


def votes_after(number: int) -> int | None:
    """None for those who do not vote."""
    if number in ABSENT:
        return None
    # In another order than that in which they joined.
    place = number * 7 % len(NAMES)
    return FIRST_VOTE + place * (LAST_VOTE - FIRST_VOTE) // (len(NAMES) - 1)


def choice_of(candidates: list[int]) -> int:
    """The first candidate of the list is the most popular one. By chance, so that no one can subtract it."""
    weights = [1 / place for place in range(1, len(candidates) + 1)]
    [chosen] = SystemRandom().choices(candidates, weights)
    return chosen
