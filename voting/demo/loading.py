"""The demo data: loads it, and moves its times so that they make sense today."""

import json
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from conferences.mailboxes import remember_mailboxes
from conferences.models import Conference, JoinCode, JoinRequest, Membership, RosterEntry
from voting.campaigns.models import Campaign
from voting.demo.second_person import renew_requests
from voting.demo.teams import load_teams, refresh_teams, team_addresses
from voting.elections.election.models import Election
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.receipts.actions import publish_closed_ballots

FIXTURE = Path(__file__).parents[1] / "fixtures/demo.json"
WINDOW = ("opens_at", "closes_at")
# The day on which the fixture's times make sense as they are.
REFERENCE = date(2026, 11, 22)

Row = dict[str, Any]
Times = dict[str, datetime]


@cache
def demo_rows(model: str) -> list[Row]:
    rows = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return [row["fields"] for row in rows if row["model"] == model]


def demo_conference_rows() -> list[Row]:
    """Conferences with the columns of their elections."""
    elections = {row["conference"][0]: row for row in demo_rows("voting.election")}
    return [elections[row["slug"]] | row for row in demo_rows("conferences.conference")]


def demo_addresses() -> list[str]:
    return [row["email"] for row in demo_rows("accounts.user")] + team_addresses()


def demo_conferences() -> list[int]:
    slugs = [row["slug"] for row in demo_rows("conferences.conference")]
    return list(Conference.objects.filter(slug__in=slugs).values_list("pk", flat=True))


def is_loaded() -> bool:
    people = User.objects.filter(email__in=demo_addresses())
    return people.exists() and bool(demo_conferences())


def other_people() -> int:
    return int(User.objects.exclude(email__in=demo_addresses()).count())


def taken_addresses() -> list[str]:
    """Those of the demonstration that already belong to people."""
    return list(User.objects.filter(email__in=demo_addresses()).values_list("email", flat=True))


def load_demo() -> None:
    """Loads roles and demo data as if they had been created today."""
    days = days_since_reference()
    with transaction.atomic():
        call_command("loaddata", "roles", "demo", verbosity=0)
        for row in demo_conference_rows():
            store_times(Conference.objects.get(slug=row["slug"]), times_after(row, days))
        load_teams(days)
        move_rows(timedelta(days=days))
        for conference in Conference.objects.filter(pk__in=demo_conferences(), one_account_per_mailbox=True):
            remember_mailboxes(conference)
        publish_closed_ballots()
        renew_requests()


def refresh_demo() -> int:
    """Moves the times of demo conferences and teams to where they belong today, and changes nothing else.

    A conference that a person has rescheduled, closed or decided stays as it is.

    Returns:
        How many conferences were moved.
    """
    moved = 0
    refresh_teams(days_since_reference())
    for row in demo_conference_rows():
        found = Conference.objects.select_related("election__speaker__user")
        conference = found.filter(slug=row["slug"]).first()
        if conference and is_untouched(conference, row):
            times = times_to_refresh(conference, times_after(row, days_since_reference()))
            if any(stored_time(conference, name) != time for name, time in times.items()):
                store_times(conference, times)
                moved += 1
    renew_requests()
    return moved


def stored_time(conference: Conference, name: str) -> datetime | None:
    time: datetime | None = getattr(conference.election if name in WINDOW else conference, name)
    return time


def store_times(conference: Conference, times: Times) -> None:
    window = {name: time for name, time in times.items() if name in WINDOW}
    days = {name: time for name, time in times.items() if name not in WINDOW}
    Conference.objects.filter(pk=conference.pk).update(**days)
    if window:
        Election.objects.filter(pk=conference.pk).update(**window)


def days_since_reference() -> int:
    return (timezone.now().date() - REFERENCE).days


def times_after(row: Row, days: int) -> Times:
    """A conference's times this many days after the reference day.

    Voting moves by days. The conference moves by whole weeks, rounded up, so that it keeps its weekdays and
    is still in the future. The local time of day stays the same.
    """
    zone, weeks = ZoneInfo(row["time_zone"]), -(-days // 7)
    times = {name: wall_clock(row[name], zone, 7 * weeks) for name in ("starts_at", "ends_at")}
    return times | {name: wall_clock(row[name], zone, days) for name in WINDOW if name in row}


def wall_clock(time: str, zone: ZoneInfo, days: int) -> datetime:
    local = datetime.fromisoformat(time).astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=days), local.time(), zone)


def times_to_refresh(conference: Conference, times: Times) -> Times:
    """Without the opening if there are votes, and without the window of a decided vote."""
    kept = set()
    if conference.election.decided_at:
        kept = {*WINDOW}
    elif Vote.objects.filter(election=conference.election).exists():
        kept = {"opens_at"}
    return {name: time for name, time in times.items() if name not in kept}


def is_untouched(conference: Conference, row: Row) -> bool:
    """Whether the conference still has times that this module gave it on some day."""
    speaker = list(conference.election.speaker.natural_key()) if conference.election.speaker else None
    is_moved_on = bool(conference.election.decided_at) != bool(row.get("decided_at"))
    if is_moved_on or speaker != row["speaker"] or conference.status != row["status"]:
        return False
    name = "starts_at" if speaker or "closes_at" not in row else "closes_at"
    time = stored_time(conference, name)
    if time is None:
        return False
    zone = ZoneInfo(row["time_zone"])
    days = (time.astimezone(zone).date() - datetime.fromisoformat(row[name]).astimezone(zone).date()).days
    expected = times_to_refresh(conference, times_after(row, days))
    return all(stored_time(conference, name) == time for name, time in expected.items())


def move_rows(by: timedelta) -> None:
    conferences, people = demo_conferences(), User.objects.filter(email__in=demo_addresses())
    people.update(date_joined=F("date_joined") + by)
    Conference.objects.filter(pk__in=conferences).update(**_later("created_at", "updated_at", by=by))
    elections = Election.objects.filter(pk__in=conferences)
    elections.update(**_later("updated_at", "decided_at", "rules_set_at", by=by))
    memberships = Membership.objects.filter(conference__in=conferences, user__in=people.values("pk"))
    memberships.update(joined_at=F("joined_at") + by)
    JoinCode.objects.filter(conference__in=conferences).update(created_at=F("created_at") + by)
    RosterEntry.objects.filter(conference__in=conferences).update(**_later("listed_at", "invited_at", by=by))
    asked = JoinRequest.objects.filter(conference__in=conferences)
    asked.update(**_later("asked_at", "answered_at", by=by))
    Pitch.objects.filter(membership__in=list(memberships)).update(updated_at=F("updated_at") + by)
    Vote.objects.filter(voter__in=list(memberships)).update(cast_at=F("cast_at") + by)
    Campaign.objects.filter(candidate__in=list(memberships)).update(requested_at=F("requested_at") + by)
    for decision in Decision.objects.filter(election__in=conferences, answer=Decision.Answer.ACCEPTED):
        move_decision(decision, by)


def _later(*names: str, by: timedelta) -> dict[str, Any]:
    return {name: F(name) + by for name in names}


def move_decision(decision: Decision, by: timedelta) -> None:
    decided_at = decision.decided_at + by
    Decision.objects.filter(pk=decision.pk).update(
        decided_at=decided_at,
        answered_at=F("answered_at") + by,
        tally={**decision.tally, "counted_at": decided_at.isoformat()},
    )
