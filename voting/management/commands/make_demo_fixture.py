"""Writes the fixtures of the demo, from voting/demo/data/ and the real conferences."""

import json
import tomllib
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand

from accounts.hashers import Argon2Hasher
from confbox.kit.time_zones import time_zone_of
from conferences.importing.rows import place_name
from voting.demo import teams
from voting.demo.team_fixture import team_rows

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "voting/demo/data/demo.toml"
CONFERENCES = ROOT / "conferences/data/conferences.json"
FIXTURE = ROOT / "voting/fixtures/demo.json"
PASSWORD = "conference-demo"  # noqa: S105 (printed for everyone who tries the demo)
SALT = "demonstrationdemonstra"
NOTE = "The dates are moved for this demonstration, and its people, pitches and votes are invented."
# Rows without a natural key get IDs that no row of a real database has.
FIRST_NUMBER = 1_000_001
FIRST_NUMBER_OF_TEAMS = 1_001_001

Row = dict[str, Any]


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for file, text in ((FIXTURE, demo_fixture()), (teams.FIXTURE, team_fixture())):
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {file.relative_to(ROOT)}.")


def demo_fixture() -> str:
    demo = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    real = {row["name"]: row for row in json.loads(CONFERENCES.read_text(encoding="utf-8"))}
    midnight = datetime.combine(demo["reference"], time(), ZoneInfo("UTC"))
    memberships = membership_rows(demo["people"], midnight)
    conferences = [conference_row(c, real[c["title"]], demo) for c in demo["conferences"]]
    both = zip(demo["conferences"], conferences, strict=True)
    elections = [election_row(entered, row["fields"], demo) for entered, row in both]
    windows = {row["fields"]["conference"][0]: row["fields"] for row in elections}
    rows = [
        *people_rows(demo["people"], midnight),
        *conferences,
        *memberships,
        *elections,
        *(row for entered in demo["conferences"] for row in joining_rows(entered, midnight)),
        *(
            row
            for slug, listed in demo["roster"].items()
            for row in roster_rows(slug, listed, demo, midnight)
        ),
        *(request_row(number, asked, midnight) for number, asked in enumerate(demo["requests"])),
        *(pitch_row(pitch, midnight) for pitch in demo["pitches"]),
        *(row for slug, votes in demo["votes"].items() for row in vote_rows(slug, votes, windows, midnight)),
        *campaign_rows(demo["campaigns"], midnight),
        decision_row(demo, memberships, midnight),
    ]
    return written(rows)


def team_fixture() -> str:
    reference = tomllib.loads(SOURCE.read_text(encoding="utf-8"))["reference"]
    midnight = datetime.combine(reference, time(), ZoneInfo("UTC"))
    entered = tomllib.loads(teams.SOURCE.read_text(encoding="utf-8"))
    people = people_rows(entered["people"], midnight, first_number=FIRST_NUMBER_OF_TEAMS)
    return written([*people, *team_rows(entered, midnight)])


def written(rows: list[Row]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def address(login: str) -> str:
    return f"{login}@example.org"


def stamp(when: datetime) -> str:
    return when.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def people_rows(people: list[Row], midnight: datetime, first_number: int = FIRST_NUMBER) -> list[Row]:
    password = Argon2Hasher().encode(PASSWORD, SALT)
    rows: list[Row] = []
    for number, person in enumerate(people):
        email = address(person["login"])
        fields: Row = {"email": email, **{key: person[key] for key in ("name", "profession", "bio")}}
        fields |= {"password": password, "is_staff": person.get("organiser", False)}
        fields |= {"date_joined": stamp(midnight - timedelta(days=90 - number))}
        fields |= {"groups": [["Organisers"]] if person.get("organiser") else []}
        rows.append({"model": "accounts.user", "fields": fields})
        confirmed: Row = {"user": [email], "email": email, "verified": True, "primary": True}
        rows.append({"model": "account.emailaddress", "pk": first_number + number, "fields": confirmed})
    return rows


def conference_row(conference: Row, real: Row, demo: Row) -> Row:
    city, country = real.get("city", ""), real.get("country", "")
    zone = time_zone_of(city, country) or "UTC"
    first, last = date.fromisoformat(real["startDate"]), date.fromisoformat(real["endDate"])
    made = datetime.combine(demo["reference"] - timedelta(days=60), time(9), ZoneInfo(zone))
    fields = {
        "title": conference["title"],
        "slug": conference["slug"],
        "agenda": f"{conference['agenda']}\n\n*{NOTE}*\n",
        "topic": real["topic"],
        "place": place_name(city, country, online=real["online"]),
        "website": real["url"],
        "starts_at": stamp(datetime.combine(first, time(0), ZoneInfo(zone))),
        "ends_at": stamp(datetime.combine(last, time(23, 59), ZoneInfo(zone))),
        "time_zone": zone,
        "status": "active",
        "visibility": conference.get("visibility", "public"),
        "created_by": [address("admin")],
        "created_at": stamp(made),
        "updated_at": stamp(made),
    }
    return {"model": "conferences.conference", "fields": fields}


def election_row(conference: Row, stored: Row, demo: Row) -> Row:
    speaker = demo["decision"] if demo["decision"]["conference"] == conference["slug"] else None
    fields = {
        "conference": [conference["slug"]],
        **window(conference.get("voting"), demo["reference"], ZoneInfo(stored["time_zone"])),
        "speaker": [conference["slug"], address(speaker["speaker"])] if speaker else None,
        "who_votes": conference.get("who_votes", "members"),
        "rules_set_at": stored["created_at"] if "voting" in conference else None,
        "decided_at": decided_at(demo) if speaker else None,
        "updated_at": stored["updated_at"],
    }
    return {"model": "voting.election", "fields": fields}


def joining_rows(conference: Row, midnight: datetime) -> list[Row]:
    """The rules by which people may join, where not everyone may, and the join codes."""
    of, made = {"conference": [conference["slug"]]}, stamp(midnight - timedelta(days=40))
    rules = {"everyone": False, **conference.get("admission", {}), "updated_at": made}
    rows = [{"model": "conferences.admission", "fields": of | rules}] if "admission" in conference else []
    made_by = {"created_at": made, "created_by": [address("admin")]}
    codes = conference.get("codes", [])
    return rows + [{"model": "conferences.joincode", "fields": of | code | made_by} for code in codes]


def roster_rows(slug: str, listed: list[Row], demo: Row, midnight: datetime) -> list[Row]:
    people = {person["login"]: person for person in demo["people"]}
    return [roster_row(slug, entry, people.get(entry["login"], {}), midnight) for entry in listed]


def roster_row(slug: str, entry: Row, person: Row, midnight: datetime) -> Row:
    email = address(entry["login"])
    fields: Row = {
        "conference": [slug],
        "email": email,
        "mailbox": email,
        "inbox": email,
        "name": entry.get("name") or person["name"],
        "reference": entry["reference"],
        "listed_at": stamp(midnight - timedelta(days=55)),
        "invited_at": stamp(midnight - timedelta(days=20)) if entry.get("invited") else None,
        "membership": [slug, email] if slug in person.get("joins", []) else None,
        "created_by": [address("admin")],
    }
    return {"model": "conferences.rosterentry", "fields": fields}


def request_row(number: int, asked: Row, midnight: datetime) -> Row:
    """A request with a reason was declined; the others wait."""
    fields: Row = {
        "conference": [asked["conference"]],
        "user": [address(asked["login"])],
        "sentence": asked["sentence"],
        "asked_at": stamp(midnight - timedelta(days=3, hours=14 + number)),
    }
    if "reason" in asked:
        fields |= {"answer": "declined", "reason": asked["reason"], "answered_by": [address("admin")]}
        fields |= {"answered_at": stamp(midnight - timedelta(days=1, hours=15))}
    return {"model": "conferences.joinrequest", "fields": fields}


def decided_at(demo: Row) -> str:
    midnight = datetime.combine(demo["reference"], time(0), ZoneInfo("UTC"))
    return stamp(midnight + timedelta(days=demo["decision"]["days"], hours=9))


def window(voting: Row | None, reference: date, zone: ZoneInfo) -> Row:
    if voting is None:
        return {}
    opens, closes = (
        datetime.combine(reference + timedelta(days=voting[key]), time(voting[f"{key}_hour"]), zone)
        for key in ("opens", "closes")
    )
    return {"opens_at": stamp(opens), "closes_at": stamp(closes)}


def membership_rows(people: list[Row], midnight: datetime) -> list[Row]:
    rows: list[Row] = []
    for number, person in enumerate(people):
        for order, slug in enumerate(person["joins"]):
            joined_at = midnight - timedelta(days=50 - number, hours=order)
            fields: Row = {
                "conference": [slug],
                "user": [address(person["login"])],
                "joined_at": stamp(joined_at),
            }
            fields |= {"accepts_votes": slug not in person.get("declines_votes", [])}
            row = {"model": "conferences.membership", "pk": FIRST_NUMBER + len(rows), "fields": fields}
            rows.append(row)
    return rows


def pitch_row(pitch: Row, midnight: datetime) -> Row:
    fields = {
        "membership": [pitch["conference"], address(pitch["login"])],
        "headline": pitch["headline"],
        "statement": pitch["statement"].strip(),
        "updated_at": stamp(midnight - timedelta(days=12)),
    }
    return {"model": "voting.pitch", "fields": fields}


def vote_rows(slug: str, votes: dict[str, str], windows: Row, midnight: datetime) -> list[Row]:
    """Votes in the order of the file, spread evenly from the opening to the deadline or the reference day."""
    opens = datetime.fromisoformat(windows[slug]["opens_at"])
    closes = min(datetime.fromisoformat(windows[slug]["closes_at"]), midnight)
    step = (closes - opens) / (len(votes) + 1)
    return [
        {
            "model": "voting.vote",
            "fields": {
                "voter": [slug, address(voter)],
                "election": [slug],
                "candidate": [slug, address(candidate)],
                "cast_at": stamp(opens + step * number),
            },
        }
        for number, (voter, candidate) in enumerate(votes.items(), start=1)
    ]


def campaign_rows(campaigns: list[Row], midnight: datetime) -> list[Row]:
    rows = []
    for number, campaign in enumerate(campaigns):
        slug, email = campaign["conference"], address(campaign["login"])
        fields = {
            "conference": [slug],
            "candidate": [slug, email],
            "requested_by": [email],
            "requested_at": stamp(midnight - timedelta(hours=campaign["hours_ago"])),
            "subject": campaign["subject"],
            "message": campaign["message"].strip(),
        }
        rows.append({"model": "voting.campaign", "pk": FIRST_NUMBER + number, "fields": fields})
    return rows


def decision_row(demo: Row, memberships: list[Row], midnight: datetime) -> Row:
    decision = demo["decision"]
    slug = decision["conference"]
    fields = {
        "election": [slug],
        "speaker": [slug, address(decision["speaker"])],
        "speaker_name": next(p["name"] for p in demo["people"] if p["login"] == decision["speaker"]),
        "decided_by": [address("admin")],
        "decided_at": decided_at(demo),
        "tally": {"counted_at": decided_at(demo), **tally(demo, slug, memberships)},
        "answer": "accepted",
        "answered_at": stamp(midnight + timedelta(days=decision["answered_days"], hours=17)),
    }
    return {"model": "voting.decision", "pk": FIRST_NUMBER, "fields": fields}


def tally(demo: Row, slug: str, memberships: list[Row]) -> Row:
    names = {address(person["login"]): person["name"] for person in demo["people"]}
    members = [row for row in memberships if row["fields"]["conference"] == [slug]]
    votes = Counter(address(candidate) for candidate in demo["votes"][slug].values())
    standings = [
        {
            "rank": 1 + sum(other > votes[email] for other in votes.values()),
            "member": row["pk"],
            "name": names[email],
            "votes": votes[email],
        }
        for row in members
        if (email := row["fields"]["user"][0]) in votes
    ]
    standings.sort(key=lambda standing: standing["rank"])
    return {"votes": votes.total(), "members": len(members), "excluded": 0, "standings": standings}
