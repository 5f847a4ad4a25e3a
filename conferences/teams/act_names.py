"""The names in the audit log, which stores IDs: each reader finds those of rows that they may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q

from accounts.models import AdminAct, User
from accounts.permissions import Viewer
from conferences.models import Conference, JoinRequest, Membership, RosterEntry, Series, TeamInvitation
from conferences.teams.access import CHANGE

ADMIT = "conferences.admit_membership"
Names = dict[tuple[str, int | None], str]


def _people_of_teams(user: Viewer) -> Any:
    """Everyone who reads the log of a team sees who is in it."""
    return User.objects.all()


def _members(user: Viewer) -> Any:
    return Membership.objects.managed_by(user).select_related("user")


def _requests(user: Viewer) -> Any:
    managed = Conference.objects.managed_by(user, ADMIT).values("pk")
    return JoinRequest.objects.filter(conference__in=managed).select_related("user")


def _invitations(user: Viewer) -> Any:
    of_conferences = Q(conference__in=Conference.objects.managed_by(user, CHANGE).values("pk"))
    of_series = Q(series__in=Series.objects.managed_by(user, CHANGE).values("pk"))
    return TeamInvitation.objects.filter(of_conferences | of_series)


ROWS: dict[str, Callable[[Viewer], Any]] = {
    "conference": Conference.objects.managed_by,
    "joinrequest": _requests,
    "membership": _members,
    "rosterentry": RosterEntry.objects.managed_by,
    "teaminvitation": _invitations,
    "user": _people_of_teams,
}


def names_of(acts: Iterable[AdminAct], user: Viewer) -> Names:
    """At most one query for each kind of row."""
    asked = defaultdict(set)
    for act in acts:
        asked[act.about_kind].add(act.about_id)
    return {
        (kind, row.pk): str(row)
        for kind, rows in ROWS.items()
        if asked[kind]
        for row in rows(user).filter(pk__in=asked[kind])
    }
