"""What apps above this one add to the overview of a conference, registered when the site starts."""

from collections.abc import Callable
from dataclasses import dataclass

from confbox.kit.panels import Panel
from conferences.models import Conference
from conferences.organising.checklist import Look


@dataclass(frozen=True)
class OverviewPart:
    # The state of the vote, in one line.
    state: Callable[[Conference], Panel]
    # What happens next and when, for a person who has nothing left to do; empty if nothing is known.
    ahead: Callable[[Look], str]
    # Below the next step, such as the turnout.
    panels: Callable[[Look], list[Panel]]


PARTS: list[OverviewPart] = []
