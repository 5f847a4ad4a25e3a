"""Requests every route of the URLconf in every role, and writes the responses to a table."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.tests import operations
from conferences.tests.admission import EVERYONE, ask, code_for, only
from conferences.tests.api_tokens import make_api_token, stored
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.webhooks import make_endpoint, make_event
from voting.campaigns.tokens import invitation_token, unsubscribe_token
from voting.elections.roll.actions import freeze_opened_rolls
from voting.tests.campaigns import make_campaign
from voting.tests.consent import make_request
from voting.tests.factories import close_and_decide, make_pitch, make_vote

TABLE = Path(__file__).with_name("routes.txt")
ROLES = ("anonymous", "stranger", "member", "elsewhere", "staff", "organiser")
WIDTH = 80
HEAD = """\
What each role gets from every route. `elsewhere` is a member of another conference, `staff` may enter
the admin and has no permission. `login` and `again` are redirects to the log-in and to the question who
is there; `->` is any other redirect. An operation of the API has only the lines of its methods, and is sent
its example. A new route fails the test until its line is here:

    WRITE_ROUTES=1 .venv/bin/python -m pytest confbox/tests/test_routes.py -k table_says

writes them all; read every changed line before committing it.

"""


@dataclass(frozen=True)
class Route:
    pattern: str
    path: str


@dataclass(frozen=True)
class Cast:
    """Browsers that have just logged in, one per role, and sample values for URL parameters."""

    cookies: dict[str, str]
    samples: dict[str, object]

    def client(self, role, **options):
        client = Client(**options)
        if self.cookies[role]:
            client.cookies["sessionid"] = self.cookies[role]
        return client


def set_up():
    conference = make_conference(title="Open Conf", slug="open-conf", voting="open")
    alice, bob = (make_membership(conference, name=name) for name in ("Alice", "Bob"))
    make_pitch(bob)
    make_vote(alice, bob)
    other = make_membership(make_conference(slug="other-conf", voting="open"), name="Elsewhere")
    organiser = make_organiser("organiser@example.org", name="Organiser")
    decided = make_conference(slug="decided-conf", voting="open")
    decision = close_and_decide(
        conference=decided, candidate=make_membership(decided), by=organiser, reason="Only one"
    )
    # As the worker does within a second.
    freeze_opened_rolls()
    people = {
        "stranger": make_user("stranger@example.org"),
        "member": alice.user,
        "elsewhere": other.user,
        "staff": make_user("staff@example.org", is_staff=True),
        "organiser": organiser,
    }
    asked, code = ask(only(conference, approval=True), people["staff"]), code_for(conference)
    only(conference, **EVERYONE)
    cookies = {role: log_in_freshly(Client(), person).session.session_key for role, person in people.items()}
    entry, message = make_entry(conference), make_event(make_endpoint(conference))
    samples = {
        "slug": "open-conf",
        "handbook": "members",
        "chapter": "vote",
        "member_id": bob.pk,
        "conference_id": conference.pk,
        "session_id": 999,
        "linked_id": 999,
        "token_id": stored(make_api_token(alice.user)).pk,
        "user_id": bob.user_id,
        "campaign_id": make_campaign(alice).pk,
        "kind": "reminder",
        "entry_id": entry.pk,
        "code_id": code.pk,
        "code": code.code,
        "request_id": asked.pk,
        "stays": other.conference_id,
        "hook_id": message.endpoint_id,
        "webhook_id": message.endpoint_id,
        "message_id": message.pk,
        "consent_id": (consent := make_request(alice, people["staff"])).pk,
        "second-person/<request_id>": consent.pk,
        "into": "other-conf",
        "invitation/<str:token>": invitation_token(entry),
        "unsubscribe/<str:token>": unsubscribe_token(bob.pk),
    }
    samples |= {
        "conferences/conference/<path:object_id>": conference.pk,
        "conferences/conference/<row:pk>": conference.pk,
        "conferences/membership/<path:object_id>": bob.pk,
        "accounts/user/<path:object_id>": people["stranger"].pk,
        "accounts/user/<row:pk>": bob.user_id,
        "voting/votes/<path:object_id>": conference.pk,
        "voting/pitch/<path:object_id>": bob.pk,
        "voting/decision/<path:object_id>": decision.pk,
        "auth/group/<path:object_id>": organiser.groups.get().pk,
    }
    return Cast(cookies | {"anonymous": ""}, samples)


def patterns(resolver=None, prefix=""):
    """Every route as it is written; of two with the same pattern only the first, which answers."""
    found = {}
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            for inner in patterns(entry, route):
                found.setdefault(inner)
        elif isinstance(entry, URLPattern):
            found.setdefault(route)
    return list(found)


def routes(cast):
    return [Route(pattern, filled(pattern, cast.samples)) for pattern in sorted(patterns())]


def is_about_one(route):
    """Whether the slug of a conference is in it."""
    return "<slug:slug>" in route.pattern or "<slug>" in route.pattern


def pages(cast):
    """The routes without those of the API."""
    return [route for route in routes(cast) if not operations.is_of_api(route.path)]


def shown_to_some_role():
    """The patterns of the table that show a page to a role."""
    for line in TABLE.read_text().splitlines():
        pattern, answers = line[5 : 5 + WIDTH].strip(), line[5 + WIDTH :].split()
        if line.startswith("GET ") and "200" in answers:
            yield pattern


def filled(pattern, samples):
    """The pattern with a value for each parameter: an existing row, or one that does not exist."""

    def value(match):
        name = match["name"]
        for end, sample in samples.items():
            if "/" in end and pattern[: match.end()].endswith(end):
                return str(sample)
        return str(samples.get(name, _unknown(match["kind"], name)))

    path = re.sub(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>", value, pattern)
    return "/" + _plain(path)


def _unknown(kind, name):
    return 999_999 if kind in ("int", "row") or name.endswith("_id") else "nothing"


def _plain(path):
    """A path that matches a route's regular expression."""
    path = re.sub(r"\(\?P[^()]*(\([^()]*\)[^()]*)*\)\$?", "0" * 32 + ".webp", path)
    return path.replace("^", "").replace("$", "").replace("\\", "").replace("\\Z", "")


def sent(client, method, path, samples=None):
    """The response to a request that has nothing in it, or to an operation the example of its body."""
    if operations.is_of_api(path):
        return operations.send(client, method, path, samples)
    return client.generic(method, path)


def answer(client, method, path, samples=None):
    response = sent(client, method, path, samples)
    return word_of(response.status_code, response.headers.get("Location", ""))


def word_of(status, there):
    if status in (301, 302):
        return "login" if "/accounts/login/" in there else "again" if "reauthenticate" in there else "->"
    return str(status)


def line_of(route, method, ask):
    answers = [ask(role, method, route) for role in ROLES]
    return f"{method:<5}{route.pattern:<{WIDTH}}" + "".join(f"{found:<11}" for found in answers).rstrip()


def asked_and_undone(client, method, path, samples=None):
    with transaction.atomic():
        found = answer(client, method, path, samples)
        transaction.set_rollback(True)
    return found


def table(cast, ask):
    """The table as it is now; `ask` gets role, method and route, and returns the word for the answer."""
    head = f"{'':<5}{'':<{WIDTH}}" + "".join(f"{role:<11}" for role in ROLES).rstrip()
    asked = [(route, method) for route in routes(cast) for method in operations.methods(route.pattern)]
    lines = [line_of(route, method, ask) for route, method in asked]
    return HEAD + "\n".join([head, *lines]) + "\n"


def content_of(client, path):
    """The content of the page, without storing what viewing it changes."""
    with transaction.atomic():
        answer = sent(client, "GET", path)
        found = answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    return found
