"""The rows of voting/fixtures/demo_teams.json: series, their teams, and an invitation that waits."""

from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
# No token has this digest.
DIGEST_OF_NO_TOKEN = "0" * 64
INVITATION_DAYS = 14


def team_rows(teams: Row, midnight: datetime) -> list[Row]:
    made = midnight - timedelta(days=85)
    return [
        *(series_row(series, made) for series in teams["series"]),
        *(row for s in teams["series"] for row in member_rows(s["team"], made, series=[s["slug"]])),
        *(row for c in teams["conferences"] for row in member_rows(c["team"], made, conference=[c["slug"]])),
        *(invitation_row(invitation, midnight) for invitation in teams["invitations"]),
    ]


def person(login: str) -> list[str]:
    return [f"{login}@example.org"]


def series_row(series: Row, made: datetime) -> Row:
    fields: Row = {"name": series["name"], "slug": series["slug"], "created_by": person("admin")}
    fields |= {"needs_consent": series.get("needs_consent", []), "created_at": made.isoformat()}
    return {"model": "conferences.series", "fields": fields}


def member_rows(team: dict[str, str], made: datetime, **scope: list[str]) -> list[Row]:
    """The owner first: the others were invited by them, a day later each."""
    owner = next(login for login, role in team.items() if role == "owner")
    rows = []
    for days, (login, role) in enumerate(team.items()):
        fields: Row = {"person": person(login), **scope, "role": role}
        fields |= {"joined_at": (made + timedelta(days=days)).isoformat()}
        fields |= {"added_by": None if login == owner else person(owner)}
        rows.append({"model": "conferences.teammember", "fields": fields})
    return rows


def invitation_row(invitation: Row, midnight: datetime) -> Row:
    sent = midnight + timedelta(days=invitation["days"])
    fields = {
        "email": person(invitation["login"])[0],
        "series": [invitation["series"]],
        "role": invitation["role"],
        "token_digest": DIGEST_OF_NO_TOKEN,
        "invited_by": person(invitation["by"]),
        "sent_at": sent.isoformat(),
        "expires_at": (sent + timedelta(days=INVITATION_DAYS)).isoformat(),
    }
    return {"model": "conferences.teaminvitation", "fields": fields}
