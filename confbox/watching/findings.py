"""What a check of the site returns: a verdict, a sentence that says what to do, and a figure for monitors."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise


class Verdict(IntEnum):
    """The values are the exit codes of `manage.py doctor`."""

    OK = 0
    WARNING = 1
    PROBLEM = 2


@dataclass(frozen=True)
class Finding:
    verdict: Verdict
    words: str
    figure: float | None = None


@dataclass(frozen=True)
class Check:
    """One that waits for something other than the database runs in a thread, and is given up in time."""

    name: str
    title: str | Promise
    ask: Callable[[], Finding]
    in_thread: bool = False
    needs_database: bool = False


@dataclass(frozen=True)
class Checked:
    check: Check
    finding: Finding

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict

    @property
    def template(self) -> str:
        return f"admin/doctor/verdict/{self.verdict.name.lower()}.html"

    @property
    def css_class(self) -> str:
        """As of the points of a conference's checklist."""
        return {Verdict.OK: "is-done", Verdict.WARNING: "is-to_do", Verdict.PROBLEM: "is-refuses"}[
            self.verdict
        ]


def ok(words: str, figure: float | None = None) -> Finding:
    return Finding(Verdict.OK, words, figure)


def warning(words: str, figure: float | None = None) -> Finding:
    return Finding(Verdict.WARNING, words, figure)


def problem(words: str, figure: float | None = None) -> Finding:
    return Finding(Verdict.PROBLEM, words, figure)


def worst(checked: list[Checked]) -> Verdict:
    return max((each.verdict for each in checked), default=Verdict.OK)
