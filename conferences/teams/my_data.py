"""A person's roles in teams, for the download and the deletion of their data."""

from typing import Any

from django.db import models

from accounts.actors import Actor
from accounts.models import User
from accounts.my_data.parts import Part
from conferences.models import Series, TeamInvitation, TeamMember
from conferences.teams.actions import leave_team


def export(user: User) -> dict[str, Any]:
    return {
        "teams": [_role_data(row) for row in _with_scope(_real_roles(user))],
        "invitations_to_teams": [_role_data(row) for row in _with_scope(_invitations(user))],
        "series_made_as_organiser": list(Series.objects.filter(created_by=user).values("name", "created_at")),
        # How many: the others' names and addresses are theirs.
        "people_added_to_teams_as_owner": TeamMember.objects.filter(
            added_by=user, conference__rehearses=None
        ).count(),
        "people_invited_to_teams_as_owner": TeamInvitation.objects.filter(invited_by=user).count(),
    }


def _with_scope(rows: Any) -> Any:
    return rows.select_related("series", "conference").order_by("pk")


def _role_data(row: Any) -> dict[str, Any]:
    since = row.joined_at if isinstance(row, TeamMember) else row.sent_at
    return {"team": str(row.scope), "role": row.role, "since": since}


def _invitations(user: User) -> models.QuerySet[TeamInvitation]:
    return TeamInvitation.objects.to_person(user)


def consequences(user: User) -> dict[str, Any]:
    return {"teams_left": list(_with_scope(_real_roles(user)))}


def _real_roles(user: User) -> models.QuerySet[TeamMember]:
    """Without those in rehearsals."""
    return TeamMember.objects.filter(person=user, conference__rehearses=None)


def leave(by: Actor) -> None:
    """Raises ValidationError for the last owner of a team, who has to hand it over first."""
    # A rehearsal removes itself, so it needs no owner.
    TeamMember.objects.filter(person=by.user, conference__rehearses__isnull=False).delete()
    for member in _with_scope(TeamMember.objects.filter(person=by.user)):
        leave_team(member=member, by=by)
    _invitations(by.user).delete()


PART = Part(export=export, consequences=consequences, leave=leave, goes="conferences/teams/_goes.html")
