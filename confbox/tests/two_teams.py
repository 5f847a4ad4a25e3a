"""Two teams that must not learn of each other, and what each role in one gets from the rows of the other."""

import re
from itertools import count
from urllib.parse import unquote

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.tests import operations, routes
from conferences.models import Conference, Role
from conferences.teams.actions import invite_to_team
from conferences.tests.admission import EVERYONE, ask, code_for, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import acting, make_series, make_team_member
from conferences.tests.webhooks import make_endpoint, make_event
from voting.elections.roll.actions import freeze_opened_rolls
from voting.tests.campaigns import make_campaign
from voting.tests.consent import make_request
from voting.tests.factories import close_and_decide, make_pitch

# In every text of the other team's rows, and in nothing else.
MARK = "Zyxomma"
# Of one length, as a page may name the slug it was requested with.
OWN, FOREIGN, ABSENT = "own-team", "zyx-team", "qyx-team"
ROLES = (*Role.values, "member", "stranger", "anonymous", "site")
OUTSIDERS = ROLES[:-1]
FIRST_ID = 81_000_001
NOT_IN_BOTH = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|id="request-id">[^<]*|"request_id": "[^"]*"'
    r'|"requested_at":"[^"]*"'
)
# Transactions, sessions, counts of limits and kinds of rows, which depend on what was asked before.
PASSING = re.compile(
    r"SAVEPOINT|django_session|usersession|FROM .django_content_type|\b(cache|kept|answers)\b"
)
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
# What the forms of the admin ask for, so that a POST is not refused before the row is looked up.
# The parameters that name a conference or a series.
SCOPES = (
    *("slug", "conference_id", "series_id", "decided", "decided_id"),
    *("conferences/conference/<row:pk>", "conferences/series/<row:pk>"),
)
HOOKS = ("hook_id", "webhook_id")
HOOKS_OF_SERIES = (
    "conferences/series/<row:pk>/webhooks/<row:hook_id>",
    "organise/series/<series_id>/webhooks/<webhook_id>",
)
MESSAGES_OF_SERIES = (
    "conferences/series/<row:pk>/webhooks/sent/<row:message_id>",
    "organise/series/<series_id>/webhooks/messages/<message_id>",
)
OF_CONFERENCE = "conferences/conference/<row:pk>/"
TYPED = {"reason": "Because.", "answer": "accepted", "version": "1", "act": "remove", "role": "owner"}


class TwoTeams:
    """People with each role in a team of their own, and IDs of rows: theirs, another team's, and no one's."""

    def __init__(self):
        self.site = make_organiser("site@example.org", name="Site Organiser")
        self.own = rows_of(slug=OWN, text="Own", by=self.site, visibility="public")
        conference = Conference.objects.get(slug=OWN)
        self.people = {role: make_team_member(conference, role).person for role in Role.values}
        for role, person in self.people.items():
            make_team_member(conference.series, role, user=person)
        self.people |= {"member": make_membership(conference, name="Own Reader").user}
        self.people |= {"stranger": make_user("stranger@example.org"), "site": self.site}
        self.keys = {role: _session(person) for role, person in self.people.items()} | {"anonymous": ""}

    def add_other(self):
        organiser = make_user("zyx@example.org", name=f"{MARK} Organiser")
        ids = count(FIRST_ID)
        self.foreign = rows_of(slug=FOREIGN, text=MARK, by=organiser, visibility="members_only", ids=ids)
        moved = {name: pk + 10_000_000 for name, pk in self.foreign.items() if isinstance(pk, int)}
        slugs = {"slug": ABSENT} | dict.fromkeys(["into", "decided"], f"{ABSENT}-decided")
        self.absent = self.foreign | moved | slugs
        return self

    def below_own(self, ids):
        """The same IDs of rows, but below the person's own conference and series."""
        return ids | {name: self.own[name] for name in SCOPES if name in self.own}

    def browser(self, role):
        """Of a person who has just logged in, without messages of earlier pages."""
        client = Client()
        if self.keys[role]:
            client.cookies["sessionid"] = self.keys[role]
        return client


def _session(person):
    return log_in_freshly(Client(), person).session.session_key


def rows_of(*, slug, text, by, visibility, ids=None):
    """A conference with rows of every kind, each with the text in it; returns their IDs for URLs."""

    def number():
        return next(ids) if ids else None

    series = make_series(pk=number(), name=f"{text} Series")
    shared = {"voting": "open", "visibility": visibility, "series": series}
    conference = make_conference(pk=number(), title=f"{text} Conf", slug=slug, place=text, **shared)
    user = make_user(f"alice@{slug}.example", name=f"{text} Alice", pk=number())
    alice = make_membership(conference, user=user, pk=number())
    make_pitch(alice, headline=f"{text} pitch")
    campaign = make_campaign(alice, subject=f"{text} subject", pk=number())
    entry = make_entry(conference, f"{text.lower()}@example.org", name=f"{text} Entry")
    asked = ask(
        only(conference, approval=True), make_user(f"asks@{slug}.example", name=f"{text} Asks"), sentence=text
    )
    code = code_for(conference)
    only(conference, **EVERYONE)
    decided = make_conference(pk=number(), title=f"{text} Decided", slug=f"{slug}-decided", **shared)
    speaker = make_membership(decided, name=f"{text} Speaker")
    decision = close_and_decide(conference=decided, candidate=speaker, by=by, reason=text)
    owner = make_team_member(series, Role.OWNER, name=f"{text} Owner")
    invited = invite_to_team(
        scope=series, email=f"{text.lower()}@example.net", role="owner", by=acting(owner)
    )
    helper = make_team_member(conference, Role.HELP_DESK, name=f"{text} Helper")
    invited_to_help = invite_to_team(
        scope=conference, email=f"{text.lower()}@example.edu", role="help_desk", by=acting(owner)
    )
    log_act(by=Actor(by, "127.0.0.1"), act="change", target=conference, reason=f"{text} reason")
    act = log_act(by=Actor(by, "127.0.0.1"), act="edit", target=alice, reason=f"{text} reason")
    freeze_opened_rolls()
    told = {"act": "moved", "reason": text, "by": by, "at": timezone.now()}
    moved = conference.changes.create(**told)
    closes = {"closed_before": timezone.now(), "closes_at": conference.election.closes_at}
    later = conference.election.window_changes.create(**told, **closes)

    def at(row):
        return renumbered(row, next(ids)) if ids else row.pk

    of_conference, of_series = (
        make_event(make_endpoint(scope, host=f"{text.lower()}.example"), data={"text": text})
        for scope in (conference, series)
    )
    webhooks = dict.fromkeys(HOOKS, of_conference.endpoint_id) | {"message_id": at(of_conference)}
    webhooks |= dict.fromkeys(HOOKS_OF_SERIES, of_series.endpoint_id)
    webhooks |= dict.fromkeys(MESSAGES_OF_SERIES, at(of_series))
    conference_id, row_ids = (
        conference.pk,
        {
            "slug": slug,
            "conference_id": conference.pk,
            "stays": decided.pk,
            "into": decided.slug,
            "decided": decided.slug,
            "decided_id": decided.pk,
            "member_id": alice.pk,
            "campaign_id": campaign.pk,
            "user_id": alice.user_id,
            "entry_id": at(entry),
            "request_id": at(asked),
            "consent_id": (consent := at(make_request(alice, by))),
            "second-person/<request_id>": consent,
            "code_id": at(code),
            "invitation_id": at(invited),
            f"{OF_CONFERENCE}team/<row:member_id>": (helping := at(helper)),
            "<slug>/organise/team/<member_id>": helping,
            "team/<row:member_id>": (owned := at(owner)),
            "team/<member_id>": owned,
            f"{OF_CONFERENCE}team/invited/<row:invitation_id>": (asked_to_help := at(invited_to_help)),
            "<slug>/organise/team/invited/<invitation_id>": asked_to_help,
            "organise/changes/<change_id>": at(moved),
            "window-changes/<change_id>": (put_off := at(later)),
            "correct-reason/<row:change_id>": put_off,
            **webhooks,
            "decision_id": at(decision),
            "accounts/adminact/<path:object_id>": at(act),
            "conferences/series/<row:pk>": series.pk,
            "series_id": series.pk,
            "series": series.pk,
            "conferences/series/<path:object_id>": series.pk,
        },
    )
    of_conference = ("conferences/conference/<path:object_id>", "conferences/conference/<row:pk>")
    of_conference += ("voting/votes/<path:object_id>", "admin/r/<path:content_type_id>/<path:object_id>")
    of_member = ("conferences/membership/<path:object_id>", "voting/pitch/<path:object_id>")
    return (
        row_ids
        | dict.fromkeys(of_conference, conference_id)
        | dict.fromkeys(of_member, alice.pk)
        | {"voting/decision/<path:object_id>": row_ids["decision_id"]}
    )


def lists():
    """The URLs of all lists of the admin."""
    assert routes.patterns()
    names = (f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
    return [reverse(f"admin:{name}_changelist") for name in names]


def renumbered(row, number):
    type(row).objects.filter(pk=row.pk).update(id=number)
    return number


def filled(pattern, ids):
    """As in `routes`; a decision is one of the conference that was decided."""
    if "decision_id>" in pattern:
        ids = ids | {"slug": ids["decided"], "conference_id": ids["decided_id"]}
    return routes.filled(pattern, ids | given())


def given():
    """The samples that are the same for all: kinds, and what the ID of `/admin/r/` is one of."""
    return {"kind": "reminder", "content_type_id": ContentType.objects.get_for_model(Conference).pk}


def patterns():
    """The routes with the ID or the slug of a row of a conference, a series or a team."""
    names = {name for name in ROWS if "/" not in name}
    ends = [name for name in ROWS if "/" in name]
    return [p for p in sorted(routes.patterns()) if _has_row(p, names, ends)]


def _has_row(pattern, names, ends):
    parameters = set(re.findall(r"<(?:\w+:)?(\w+)>", pattern))
    return bool(parameters & names) or any(end in pattern for end in ends)


ROWS = (
    *("slug", "conference_id", "member_id", "campaign_id", "user_id", "entry_id", "request_id", "code_id"),
    *("consent_id", "series_id", "webhook_id", "message_id", "change_id"),
    *("invitation_id", "decision_id", "accounts/adminact/<path:object_id>"),
    *("conferences/series/<", "conferences/conference/<", "conferences/membership/<", "voting/votes/<"),
    *("voting/pitch/<", "voting/decision/<", "admin/r/<"),
)


def asked_and_undone(client, method, path, data=None, samples=None):
    """The response and, in the admin, that of the page to which it leads; what it changed is undone."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = _sent(client, method, path, data, samples)
        response.content_read = b"".join(response) if response.streaming else response.content
        led_on = response.status_code in (301, 302) and response.headers["Location"].startswith("/admin/")
        if led_on:
            response.content_read += client.get(response.headers["Location"]).content
        transaction.set_rollback(True)
    asked = [query["sql"] for query in queries if not PASSING.search(query["sql"])]
    response.statements = [LITERAL.sub("?", sql) for sql in asked]
    return response


def _sent(client, method, path, data, samples):
    if operations.is_of_api(path):
        return operations.send(client, method, path, samples)
    return client.get(path) if method == "GET" else client.post(path, TYPED if data is None else data)


def shown(response, known):
    """Status, where it leads, the page and the SQL, without the IDs of the URL and what differs each time."""
    text = NOT_IN_BOTH.sub("", response.content_read.decode(errors="replace"))
    # Those of both samples, as a row of one's own can have the same number as a foreign one of another table.
    values = "|".join(sorted({str(value) for value in known}, key=len, reverse=True))
    ids = re.compile(rf"\b(?:{values})\b") if known else re.compile("(?!)")
    # The URL to return to is quoted in a URL that is quoted itself.
    there = ids.sub("ID", unquote(unquote(response.headers.get("Location", ""))))
    return response.status_code, there, ids.sub("ID", text), response.statements


def difference(foreign, absent):
    """Where the responses begin to differ."""
    one, other = next((str(a), str(b)) for a, b in zip(foreign, absent, strict=True) if a != b)
    start = next(n for n, (a, b) in enumerate(zip(one + "^", other + "$", strict=False)) if a != b)
    return one[max(0, start - 60) : start + 80], other[max(0, start - 60) : start + 80]
