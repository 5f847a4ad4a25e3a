"""What belongs to one rule of a vote."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from conferences.models import Conference
from voting.elections.election.models import Election


def from_laxest(*choices: Any) -> Callable[[Any], int]:
    """The strictness of each of these choices, which are in their order from the least strict one."""
    return list(choices).index


def says_nothing(_conference: Conference) -> list[str]:
    return []


def nothing_against(_conference: Conference, _choice: Any) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    # The field of the election that has it.
    field: str
    # Of a choice: any number that grows with it. Once voting has opened, a rule can only become stricter.
    strictness: Callable[[Any], float]
    # What voters read on the ballot.
    in_words: Callable[[Conference], list[str]] = says_nothing
    # Why this choice can no longer be made once voting has opened, other than that it is less strict.
    refusal_once_open: Callable[[Conference, Any], str] = nothing_against
    # Whether a form without a choice leaves the rule as it is; otherwise it is refused.
    stays_if_left_out: bool = False

    @property
    def column(self) -> "models.Field[Any, Any]":
        found = Election._meta.get_field(self.field)
        assert isinstance(found, models.Field)
        return found

    @property
    def label(self) -> str:
        return str(capfirst(str(self.column.verbose_name)))

    def choice_in_words(self, choice: Any) -> str:
        if isinstance(choice, bool):
            return _("yes") if choice else _("no")
        return str(dict(self.column.flatchoices).get(choice, choice))

    def refusal_to_change(self, conference: Conference, choice: Any) -> str:
        """Why the rule of a vote that has opened cannot become this one; empty if it can."""
        if refusal := self.refusal_once_open(conference, choice):
            return refusal
        if self.strictness(choice) < self.strictness(getattr(conference.election, self.field)):
            return _("Voting has opened, so this rule can only become stricter.")
        return ""
