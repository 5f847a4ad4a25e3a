"""The names in the audit log, which stores IDs: each reader finds those of rows that they may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast

from accounts.models import AdminAct, User
from accounts.permissions import Viewer
from conferences.models import Conference, JoinRequest, Membership, RosterEntry, Series, TeamInvitation
from conferences.teams.access import CHANGE

ADMIT = "conferences.admit_membership"
Names = dict[tuple[str, int | None], str]


def _people_of_teams(user: Viewer) -> Any:
    """Everyone who reads the log of a team sees who is in it."""
    return User.objects.all()


def _requests(user: Viewer) -> Any:
    managed = Conference.objects.managed_by(user, ADMIT).values("pk")
    return JoinRequest.objects.filter(conference__in=managed)


def _invitations(user: Viewer) -> Any:
    of_conferences = Q(conference__in=Conference.objects.managed_by(user, CHANGE).values("pk"))
    of_series = Q(series__in=Series.objects.managed_by(user, CHANGE).values("pk"))
    return TeamInvitation.objects.filter(of_conferences | of_series)


# The rows of each kind that a person may see, and the column with the name.
ROWS: dict[str, tuple[Callable[[Viewer], Any], str]] = {
    "conference": (Conference.objects.managed_by, "title"),
    "joinrequest": (_requests, "user__name"),
    "membership": (Membership.objects.managed_by, "user__name"),
    "rosterentry": (RosterEntry.objects.managed_by, "email"),
    "teaminvitation": (_invitations, "email"),
    "user": (_people_of_teams, "name"),
}


def names_of(acts: Iterable[AdminAct], user: Viewer) -> Names:
    """One query, whatever is named; none if nothing is."""
    asked = defaultdict(set)
    for act in acts:
        asked[act.about_kind].add(act.about_id)
    found = [_named(kind, asked[kind], user) for kind in ROWS if asked[kind]]
    if not found:
        return {}
    return {(kind, pk): name or str(User()) for kind, pk, name in found[0].union(*found[1:], all=True)}


def _named(kind: str, ids: set[int | None], user: Viewer) -> Any:
    rows, column = ROWS[kind]
    named = rows(user).filter(pk__in=ids).order_by()
    # Cast, because columns are compared in different ways.
    named = named.annotate(of_kind=Value(kind, CharField()), shown=Cast(column, CharField()))
    return named.values_list("of_kind", "pk", "shown")
