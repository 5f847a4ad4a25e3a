"""A request of the demo that waits for a second person: to move the deadline of its open vote."""

import tomllib
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from conferences.consent.acts import ACTS
from conferences.models import Conference, ConsentRequest
from voting.demo.teams import SOURCE
from voting.elections.election.two_people import WINDOW

AGE, LASTS = timedelta(hours=2), timedelta(hours=22)


def renew_requests() -> None:
    """Stores each request as if it had just been made. One that a person has answered stays as it is."""
    now = timezone.now()
    for entered in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["requests"]:
        found = Conference.objects.filter(slug=entered["conference"]).select_related("election", "series")
        asking = User.objects.filter(email=f"{entered['by']}@example.org").first()
        conference = found.first()
        if conference and asking and _can_wait(conference, now):
            _renew(entered, conference, asking, now)


def _can_wait(conference: Conference, now: datetime) -> bool:
    return conference.election.is_open(now) and ACTS[WINDOW].is_required(conference)


def _renew(entered: dict[str, Any], conference: Conference, asking: User, now: datetime) -> None:
    act, closes = ACTS[WINDOW], conference.election.closes_at
    assert closes
    moved = closes + timedelta(days=entered["days"])
    payload = {"seen": closes.isoformat(), "closes_at": moved.isoformat()}
    times = {"asked_at": now - AGE, "expires_at": min(now + LASTS, closes)}
    same = {"act": act.name, "reason": entered["reason"], "asked_by": asking}
    requests = ConsentRequest.objects.filter(conference=conference, **same)
    if requests.exists():
        requests.unended().update(payload=payload, **times)
    elif not ConsentRequest.objects.unended().filter(conference=conference, act=act.name).exists():
        subject = act.subject(payload)
        conference.consent_requests.create(payload=payload, subject=subject, **same, **times)
