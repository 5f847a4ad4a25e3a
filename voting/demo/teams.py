"""The teams of the demo: who runs its conferences."""

import json
import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db.models import F

from accounts.models import User
from conferences.models import Conference, Series, TeamInvitation, TeamMember

SOURCE = Path(__file__).parent / "data/teams.toml"
FIXTURE = Path(__file__).parents[1] / "fixtures/demo_teams.json"

Row = dict[str, Any]


@cache
def team_rows(model: str) -> list[Row]:
    rows = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return [row["fields"] for row in rows if row["model"] == model]


def team_addresses() -> list[str]:
    return [row["email"] for row in team_rows("accounts.user")]


def load_teams(days: int) -> None:
    """Loads them as if they had been at work until now; `days` have passed since the fixture's reference."""
    call_command("loaddata", "demo_teams", verbosity=0)
    for entered in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["series"]:
        series = Series.objects.get(slug=entered["slug"])
        # A conference that an organiser has put into another series stays there.
        Conference.objects.filter(slug__in=entered["conferences"], series=None).update(series=series)
    by = timedelta(days=days)
    _demo_series().update(created_at=F("created_at") + by)
    _demo_members().update(joined_at=F("joined_at") + by)
    move_invitations(by)


def refresh_teams(days: int) -> None:
    """Keeps open invitations open. A demo that was loaded before there were teams gets them now."""
    is_there = _demo_series().exists() or User.objects.filter(email__in=team_addresses()).exists()
    if is_there:
        move_invitations(timedelta(days=days))
    else:
        load_teams(days)


def _demo_series() -> Any:
    return Series.objects.filter(slug__in=[row["slug"] for row in team_rows("conferences.series")])


def _demo_members() -> Any:
    conferences = {row["conference"][0] for row in team_rows("conferences.teammember") if "conference" in row}
    in_series = TeamMember.objects.filter(series__in=_demo_series())
    return in_series | TeamMember.objects.filter(conference__slug__in=conferences)


def move_invitations(by: timedelta) -> None:
    for row in team_rows("conferences.teaminvitation"):
        times = {name: datetime.fromisoformat(row[name]) + by for name in ("sent_at", "expires_at")}
        found = TeamInvitation.objects.unanswered().filter(token_digest=row["token_digest"])
        found.update(**times)
