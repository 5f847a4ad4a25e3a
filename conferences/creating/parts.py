"""What apps above this one add to the steps in which a conference is created."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.actors import Actor
from conferences.copying.dates import Dates
from conferences.models import Conference


@dataclass(frozen=True)
class CreatingPart:
    # Stores the times of the vote, within the transaction that stores the dates.
    schedule: Callable[[Conference, Dates, Actor], None]
    # What holds for the vote, in a few sentences.
    in_words: Callable[[Conference], list[str]]
    # Where the rules are changed.
    url: Callable[[Conference], str]


PARTS: list[CreatingPart] = []
