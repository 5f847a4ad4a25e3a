"""What a program may do with a token, and what an operation of the API needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")


class Scope(StrEnum):
    READ = "read"
    VOTE = "vote"
    CAMPAIGN = "campaign"
    ORGANISE_READ = "organise:read"
    ORGANISE_WRITE = "organise:write"


@dataclass(frozen=True)
class Needs:
    """What an operation declares about who may call it, and about the answer that is kept for a key."""

    scope: Scope
    # Also without a token and a log-in; `request.user` is then anonymous.
    is_public: bool = False
    # A token that is only for some conferences is not enough.
    all_conferences: bool = False
    # Whether the answer may be stored for 24 hours, encrypted; not if it contains a secret.
    keeps_answer: bool = True


class Caller(Protocol):
    """Whose request it is: the owner of a token, or the person who is logged in."""

    @property
    def key(self) -> str:
        """Who is counted, and whose idempotency keys these are."""

    def has_scope(self, scope: Scope) -> bool: ...

    def covers(self, slug: str) -> bool:
        """Whether it may act in the conference with this slug."""

    @property
    def covers_all(self) -> bool: ...

    @property
    def is_log_in(self) -> bool:
        """Whether it is the browser of a person who is logged in, and no token."""

    def only_covered(self, rows: Rows, conference: str = "pk") -> Rows:
        """The rows whose conference it covers; `conference` is the path of its ID."""


class ApiRequest(HttpRequest):
    """What is known of a request to the API before its operation runs."""

    caller: Caller | None


def only_covered(request: HttpRequest, rows: Rows, conference: str = "pk") -> Rows:
    """What a list may show to this caller: a token can be for some conferences only."""
    caller: Caller | None = getattr(request, "caller", None)
    return caller.only_covered(rows, conference) if caller else rows
