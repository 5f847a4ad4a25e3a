"""The data of the benchmark: one large conference, voters with a session at each site, and what they send."""

import json
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.utils import timezone

from conferences.api_access.models import ApiToken, Scope
from conferences.api_tokens.texts import digest_of, draw_token
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference
from voting.demo.population import SLUG, populate
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll

LISTED = 30
CANDIDATES = 7
HEAD = "\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Language: en\r\n"


def make_people(members: int, voters: int) -> list["Voter"]:
    for number in range(LISTED):
        make_conference(title=f"Conference {number}", place="Online", starts_in_days=number + 1)
    populate(members=members, seed=1, slug=SLUG, password=None, say=lambda line: None)
    freeze_roll(conference=Conference.objects.get(slug=SLUG))
    rows = Membership.objects.filter(conference__slug=SLUG, pitch=None).select_related("user").order_by("pk")
    found = [Voter(membership) for membership in rows[:voters]]
    expires = timezone.now() + timedelta(days=7)
    Session.objects.bulk_create(
        Session(session_key=v.key, session_data=v.session_data(), expire_date=expires) for v in found
    )
    UserSession.objects.bulk_create(
        UserSession(user=v.user, session_key=v.key, ip="127.0.0.1", user_agent="bench") for v in found
    )
    ApiToken.objects.bulk_create(
        ApiToken(
            owner=v.user,
            name="bench",
            digest=digest_of(v.token),
            scope_names=[Scope.VOTE],
            expires_at=expires,
        )
        for v in found
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_session (session_key VARCHAR(40) PRIMARY KEY, data TEXT NOT NULL, "
            "expires DATETIME(6) NOT NULL)"
        )
        rows = [(v.key, v.express_data(), expires.replace(tzinfo=None)) for v in found]
        cursor.executemany("INSERT INTO bench_session VALUES (%s, %s, %s)", rows)
    return found


class Voter:
    """One member with a session, and the requests that their browser sends."""

    def __init__(self, membership: Membership) -> None:
        self.membership_id, self.user = membership.pk, membership.user
        self.key, self.secret = secrets.token_hex(16), _get_new_csrf_string()
        self.token = draw_token()
        self.choices = cycle(candidates())
        self.choice = 0

    def session_data(self) -> str:
        now = int(time.time())
        method = {"method": "password", "at": now, "email": self.user.email}
        return SessionStore().encode(
            {
                SESSION_KEY: str(self.user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: self.user.get_session_auth_hash(),
                "account_authentication_methods": [method],
                "session_began": now,
                "session_seen": now,
            }
        )

    def express_data(self) -> str:
        return json.dumps({"userId": self.user.pk, "csrf": self.secret, "name": self.user.name})

    def vote(self, *, by_htmx: bool = False) -> bytes:
        """Each time for another candidate, so that each time there is something to store."""
        self.choice = next(self.choices)
        token = _mask_cipher_secret(self.secret)
        body = f"csrfmiddlewaretoken={token}&csrf={self.secret}&candidate={self.choice}"
        head = f"POST /conferences/{SLUG}/vote/ HTTP/1.1{HEAD}Cookie: {self.cookies()}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
        if by_htmx:
            head += "HX-Request: true\r\nHX-Target: ballot\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def vote_by_api(self) -> bytes:
        self.choice = next(self.choices)
        body = json.dumps({"candidate": self.choice})
        head = f"POST /api/v1/conferences/{SLUG}/vote/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n"
        head += f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def ballot(self) -> bytes:
        return f"GET /conferences/{SLUG}/ballot/ HTTP/1.1{HEAD}Cookie: {self.cookies()}\r\n\r\n".encode()

    def cookies(self) -> str:
        return f"sessionid={self.key}; csrftoken={self.secret}; sid={self.key}"


_candidates: list[int] = []


def candidates() -> list[int]:
    if not _candidates:
        found = Membership.objects.filter(conference__slug=SLUG, pitch__isnull=False).order_by("pk")
        _candidates.extend(found.values_list("pk", flat=True)[:CANDIDATES])
    return _candidates


def requests_of(scenario: str, voters: list[Voter]) -> Iterator[list[bytes]]:
    for voter in voters:
        voter.choice = 0
    for voter in cycle(voters):
        match scenario:
            case "vote":
                yield [voter.vote()]
            case "vote by API":
                yield [voter.vote_by_api()]
            case "ballot":
                yield [voter.ballot()]
            case "vote and next page":
                yield [voter.vote(), voter.ballot()]
            case "vote that is answered with the next page":
                yield [voter.vote(by_htmx=True)]
            case "list":
                yield [f"GET / HTTP/1.1{HEAD}\r\n".encode()]


def refuse_lost_votes(voters: list[Voter], site: str) -> None:
    """Each voter's last vote is stored: a site that answers without storing is not measured."""
    connection.close()
    stored = dict(Vote.objects.values_list("voter_id", "candidate_id"))
    lost = [v for v in voters if v.choice and stored.get(v.membership_id) != v.choice]
    if lost:
        raise SystemExit(f"{site} has not stored {len(lost)} votes.")
