#!/usr/bin/env python3
"""No one can derive a vote: compares two copies of an election by everything that others can see of them.

    .venv/bin/python deploy/drills/secrecy.py
    deploy/with-mariadb .venv/bin/python deploy/drills/secrecy.py

Each pair of copies differs in one thing only:

    choice      whom one member voted for
    turnout     which of two members voted, both for the same candidate

Each election is run once for each thing that can happen before voting closes: the vote is changed, the
voter or a candidate is excluded, leaves, opts out, is disabled or deletes the account, a reminder and a
candidate's campaign are written, approved and sent. Then everyone except the voters in question opens every
page, filter, export and file that they can find: visitors, strangers, members, candidates, organisers with
all, with some and with every permission. The responses to each act, and every email to others, are compared
too. The copies must be equal byte for byte, apart from tokens and times.

The control is an election whose members chose a live tally before it opened: the same comparison must find
a difference there, or the drill proves nothing. Exit code 0 only if the control differs, nothing else does,
and no page failed.
"""

import argparse
import io
import itertools
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from functools import cache
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
# The two copies, and the voters in question, whose own emails are not compared.
PAIRS = {
    "choice": ("for-xaver", "for-yara", {"vera"}),
    "turnout": ("for-xaver", "victor-voted", {"vera", "victor"}),
    "control": ("live-for-xaver", "live-for-yara", {"vera"}),
}
# How many pages of one kind to follow links to, beyond those of the people in question.
LINKS_OF_ONE_KIND = 5
# A date range has two.
FILTERS_AT_ONCE = 2
SHOWN = 12
# What differs between any two responses: tokens of forms, times, and what is made from them.
UNEQUAL = [
    (re.compile(pattern), word)
    for pattern, word in (
        (r'(<input type="hidden"[^>]*\bvalue=")[^"]{20,}', r"\1TOKEN"),
        (r'(csrf\w*["\']?\s*[:=]\s*["\'])[\w-]{20,}', r"\1TOKEN"),
        (r'(nonce[="-]+)[\w+/=-]{16,}', r"\1NONCE"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?([+-]\d\d:?\d\d|Z)?", "TIME"),
        (r"\b\d{1,2}:\d\d(:\d\d)?( ?[ap]\.?m\.?)?", "TIME"),
        (r"\b(midnight|noon)\b|\b\d{1,2} [ap]\.m\.", "TIME"),
        (r"\b\d+\s(second|minute|hour|day)s?\b", "TIME"),
        (r"deleted-[0-9a-f]{24}@", "deleted-TOKEN@"),
        # The horizontal axis of the curve ends now.
        (r"\b\d+\.\d,(\d+\.\d)", r"TIME,\1"),
        (r"\b\d{8}T\d{6}Z?", "TIME"),
    )
]
PASSING_HEADERS = {"set-cookie", "date", "etag", "last-modified", "content-length", "expires"}
LINK = re.compile(r'(?:href|src|hx-get)="([^"]+)"')
# Links that end the session or belong to the person alone.
NOT_FOLLOWED = re.compile(r"/logout/|/static/|/jsi18n/|/accounts/2fa/|/accounts/login/|/accounts/signup/")


# --- one copy ---------------------------------------------------------------------------------


def play(variant: str, acts: list[str], report: Path) -> None:
    """Runs every election of this variant on a database of its own and records what others see."""
    import logging

    import django
    from django.conf import settings

    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {alias: memory | {"LOCATION": alias} for alias in settings.CACHES}
    # Otherwise a log-in would become too old during a long crawl, and both copies would ask for the
    # password.
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 60 * 60
    django.setup()
    # Half of the pages are refused to half of the people, which is not worth a line each.
    logging.disable(logging.CRITICAL)
    save_time()
    number_what_is_random()
    election = Copy(variant, acts)
    election.play()
    election.look()
    with report.open("wb") as file:
        pickle.dump((election.seen, election.emails, election.failed), file)


def save_time() -> None:
    """Caches what depends only on its arguments: URLs of rows in the admin, pictures of cards."""
    import gc

    from django.contrib.admin.templatetags import admin_urls

    from conferences.sharing import cards

    admin_urls.resolve = cache(admin_urls.resolve)
    cards.drawn = cache(cards.drawn)
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def number_what_is_random() -> None:
    """Numbers deleted email addresses and salts of the roll: random ones would sort differently."""
    from accounts.my_data import erasure
    from voting.elections.roll import digests

    for module in (erasure, digests):
        numbers = itertools.count()
        module.secrets = SimpleNamespace(token_hex=lambda length, n=numbers: f"{next(n):0{2 * length}x}")


class Copy:
    """One database: an election for each act, the same people in each, and what others saw."""

    def __init__(self, variant: str, acts: list[str]) -> None:
        self.variant, self.acts, self.seen = variant, acts, {}
        self.emails: list[tuple[str, str]] = []
        self.failed: list[str] = []
        self.casts: dict[str, dict[str, object]] = {}

    # --- the play -----------------------------------------------------------------------------

    def play(self) -> None:
        from django.core import mail

        self.staff = self.make_staff()
        for act in self.acts:
            cast = self.make_election(act)
            self.vote(cast, act)
            ACTS[act](self, cast)
        roles = {cast[role].user.email: role for cast in self.casts.values() for role in ("vera", "victor")}
        for message in getattr(mail, "outbox", []):
            email = json.dumps([*message.to, message.subject, str(message.body)])
            self.emails.append((roles.get(message.to[0], ""), plain(email)))

    def make_staff(self) -> dict[str, object]:
        from django.contrib.auth.models import Permission

        from accounts.tests.factories import make_organiser, make_user

        staff = {
            "organiser": make_organiser("organiser@example.org", name="Organiser"),
            "superuser": make_organiser("root@example.org", name="Root", is_superuser=True),
        }
        for role, permissions in {
            "reviewer": ("view_campaign", "review_campaign"),
            "desk": ("view_election",),
            "viewer": ("view_user", "view_membership", "view_adminact", "view_decision", "view_pitch"),
            "postmaster": ("view_undeliverableaddress", "view_conference"),
        }.items():
            staff[role] = make_user(f"{role}@example.org", name=role.title(), is_staff=True)
            staff[role].user_permissions.set(Permission.objects.filter(codename__in=permissions))
        staff["stranger"] = make_user("stranger@example.org", name="Stranger")
        self.second = make_organiser("second@example.org", name="Second Organiser")
        return staff

    def make_election(self, act: str) -> dict[str, object]:
        """Twelve members: the voters Vera and Victor, three candidates, a bystander, and six who vote."""
        from conferences.tests.factories import make_conference, make_membership
        from voting.elections.election.models import Election
        from voting.tests.factories import make_pitch

        live = self.variant.startswith("live")
        conference = make_conference(title=f"Conference {act}", slug=act, voting="open")
        if live:
            rules = {"results_visibility": "live", "organisers_see_tally": "live"}
            Election.objects.filter(pk=conference.pk).update(**rules)
        names = ("Vera", "Victor", "Xaver", "Yara", "Zoe", "Bystander", *(f"Voter {n}" for n in range(6)))
        cast = {name.lower(): make_membership(conference, name=name) for name in names}
        for name in ("xaver", "yara", "zoe"):
            make_pitch(cast[name], headline=f"{name.title()} speaks")
        cast |= {"conference": conference}
        self.casts[act] = cast
        return cast

    def vote(self, cast: dict[str, object], act: str) -> None:
        for number in range(6):
            self.cast_vote(cast, f"voter {number}", ("xaver", "yara")[number % 2])
        voter = "victor" if self.variant == "victor-voted" else "vera"
        choice = "yara" if self.variant.endswith("yara") else "xaver"
        if act == "moved":
            self.cast_vote(cast, voter, "zoe")
        if act == "withdrawn":
            from accounts.actors import Actor
            from voting.elections import actions

            self.cast_vote(cast, voter, "zoe")
            actions.withdraw_vote(conference=cast["conference"], by=Actor(cast[voter].user))
        self.cast_vote(cast, voter, choice)

    def cast_vote(self, cast: dict[str, object], voter: str, candidate: str) -> None:
        from accounts.actors import Actor
        from voting.elections import actions

        by, conference = Actor(cast[voter].user), cast["conference"]
        actions.cast_vote(by=by, slug=conference.slug, candidate_id=cast[candidate].pk)

    def browser(self, person: object | None) -> object:
        from django.test import Client

        from accounts.tests.factories import log_in_freshly

        client = Client(raise_request_exception=False)
        return log_in_freshly(client, person) if person else client

    def post(self, role: str, person: object, path: str, data: dict[str, object]) -> object:
        """Performs one act and records the response, unless it was to a voter in question."""
        answer = self.browser(person).post(path, data, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        if role:
            self.keep(f"{role} POST {path}", answer)
        return answer

    def keep(self, what: str, answer: object) -> None:
        self.seen[what] = what_was_said(answer)
        # Two failures are equal and show nothing.
        if answer.status_code >= 500:
            self.failed.append(f"{what}: {answer.status_code}")

    # --- what everyone sees --------------------------------------------------------------------

    def look(self) -> None:
        for role, person in {"visitor": None, **self.staff}.items():
            self.crawl(role, person, self.every_path())
        for act, cast in self.casts.items():
            gone = {"exclude_candidate": "xaver", "delete_candidate": "xaver"}.get(act)
            for role in ("xaver", "yara", "bystander"):
                if role != gone or act == "exclude_candidate":
                    person = cast[role].user
                    person.refresh_from_db()
                    if person.is_active:
                        paths = [path for path in self.paths_of(act) if not path.startswith("/admin/")]
                        self.crawl(f"{act} {role}", person, paths)

    def every_path(self) -> list[str]:
        return [path for act in self.casts for path in self.paths_of(act)] + [
            "/admin/",
            "/",
            "/me/",
            "/feed/",
            "/conferences.ics",
            "/sitemap.xml",
        ]

    def paths_of(self, act: str) -> list[str]:
        """Every route with the IDs of this election as its parameters."""
        from confbox.tests import routes

        cast = self.casts[act]
        found = []
        for member in ("vera", "xaver", "yara"):
            membership = cast[member]
            samples = {
                "slug": act,
                "conference_id": cast["conference"].pk,
                "member_id": membership.pk,
                "user_id": membership.user_id,
                "kind": "reminder",
                "campaign_id": getattr(cast.get("campaign"), "pk", 0),
                "session_id": 0,
                "request_id": getattr(cast.get("request"), "pk", 0),
            }
            samples |= {
                "conferences/conference/<path:object_id>": cast["conference"].pk,
                "conferences/membership/<path:object_id>": membership.pk,
                "accounts/user/<path:object_id>": membership.user_id,
                "voting/votes/<path:object_id>": cast["conference"].pk,
                "voting/pitch/<path:object_id>": membership.pk,
            }
            found += [route.path for route in routes.routes(routes.Cast({}, samples))]
        return list(dict.fromkeys(found))

    def crawl(self, role: str, person: object | None, paths: list[str]) -> None:
        """Every page that these lead to, once. The order does not depend on the content of the pages."""
        client, kinds = self.browser(person), Counter()
        waiting, known = deque(path for path in paths if not NOT_FOLLOWED.search(path)), set(paths)
        while waiting:
            path = waiting.popleft()
            forget_limits()
            answer = client.get(path)
            self.keep(f"{role} GET {path}", answer)
            for link in links_of(answer, path):
                if link in known:
                    continue
                known.add(link)
                if NOT_FOLLOWED.search(link) or link.count("=") > FILTERS_AT_ONCE:
                    continue
                kinds[kind_of(link)] += 1
                if kinds[kind_of(link)] <= LINKS_OF_ONE_KIND:
                    waiting.append(link)


def forget_limits() -> None:
    """A limit would give both copies the same refusal, and hide what is behind it."""
    from django.core.cache import caches

    from confbox.kit import limits

    for one in caches.all():
        one.clear()
    limits.here.clear()


def what_was_said(answer: object) -> str:
    headers = sorted(
        f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in PASSING_HEADERS
    )
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    chain = [f"{status} {url}" for url, status in getattr(answer, "redirect_chain", [])]
    return "\n".join([str(answer.status_code), *chain, *headers, "", as_text(body)])


def as_text(body: bytes) -> str:
    if body[:2] == b"PK":
        from openpyxl import load_workbook

        rows = [list(row) for sheet in load_workbook(io.BytesIO(body)) for row in sheet.values]
        return json.dumps(rows, default=str)
    return body.decode(errors="backslashreplace")


def plain(text: str) -> str:
    for pattern, word in UNEQUAL:
        text = pattern.sub(word, text)
    return text


def are_equal(one: str | None, other: str | None) -> bool:
    """Whether two responses are the same apart from tokens and times. Most rows need no second look."""
    if one is None or other is None:
        return one == other
    rows, others = one.split("\n"), other.split("\n")
    if len(rows) == len(others):
        unlike = [(a, b) for a, b in zip(rows, others, strict=True) if a != b]
        if all(plain(a) == plain(b) for a, b in unlike):
            return True
    return plain(one) == plain(other)


def links_of(answer: object, path: str) -> list[str]:
    """The pages of this site that a response links or redirects to."""
    if answer.streaming:
        return []
    there = [answer.headers["Location"]] if "Location" in answer.headers else []
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        there += LINK.findall(answer.content.decode(errors="replace"))
    full = (full_link("/" if link.startswith("/") else path, link) for link in dict.fromkeys(there))
    return [link for link in full if link]


@cache
def full_link(page: str, link: str) -> str:
    """Path and query of a link on this page; empty if it leads to another site."""
    full = urldefrag(urljoin(f"http://testserver{page}", unescape(link)))[0]
    return full.removeprefix("http://testserver") if full.startswith("http://testserver/") else ""


@cache
def kind_of(link: str) -> str:
    """The page without its IDs and without the values of its filters."""
    parts = urlsplit(link)
    names = sorted(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))
    slugs = "|".join(ACTS)
    return re.sub(rf"\d+|/({slugs})/", "/0/", parts.path) + "?" + "&".join(names)


# --- what happens before voting closes ----------------------------------------------------------


def nothing(copy: Copy, cast: dict) -> None:
    """Only the vote."""


def exclude(copy: Copy, cast: dict, who: str, again: bool = False) -> None:
    path = f"/admin/voting/votes/{cast['conference'].pk}/exclude/{cast[who].pk}/{'?again=1' if again else ''}"
    copy.post("organiser", copy.staff["organiser"], path, {"reason": "A fake account"})


def exclude_voter(copy: Copy, cast: dict) -> None:
    exclude(copy, cast, "vera")


def readmit_voter(copy: Copy, cast: dict) -> None:
    exclude(copy, cast, "vera")
    exclude(copy, cast, "vera", again=True)


def change_roll(copy: Copy, cast: dict, *, adds: bool = False) -> None:
    where = f"/admin/voting/votes/{cast['conference'].pk}/roll/{cast['vera'].pk}/"
    path = f"{where}?act=add" if adds else where
    copy.post("organiser", copy.staff["organiser"], path, {"reason": "The ticket was refunded."})


def remove_voter_from_roll(copy: Copy, cast: dict) -> None:
    change_roll(copy, cast)


def add_voter_to_roll_again(copy: Copy, cast: dict) -> None:
    change_roll(copy, cast)
    change_roll(copy, cast, adds=True)


def exclude_candidate(copy: Copy, cast: dict) -> None:
    exclude(copy, cast, "xaver")


def leave_voter(copy: Copy, cast: dict) -> None:
    copy.post("", cast["vera"].user, f"/conferences/{cast['conference'].slug}/leave/", {})


def leave_candidate(copy: Copy, cast: dict) -> None:
    copy.post("xaver", cast["xaver"].user, f"/conferences/{cast['conference'].slug}/leave/", {})


def come_back(copy: Copy, cast: dict) -> None:
    """Leaving and joining again, voter and candidate."""
    for role, who in (("", "vera"), ("xaver", "xaver")):
        for verb in ("leave", "join"):
            copy.post(role, cast[who].user, f"/conferences/{cast['conference'].slug}/{verb}/", {})


def opt_out_candidate(copy: Copy, cast: dict) -> None:
    path = f"/conferences/{cast['conference'].slug}/pitch/"
    copy.post("xaver", cast["xaver"].user, path, {"headline": "Not me", "statement": ""})


def disable(copy: Copy, cast: dict, who: str) -> None:
    path = f"/admin/accounts/user/disable/?people={cast[who].user_id}"
    copy.post("superuser", copy.staff["superuser"], path, {"reason": "Spam"})


def disable_voter(copy: Copy, cast: dict) -> None:
    disable(copy, cast, "vera")


def disable_candidate(copy: Copy, cast: dict) -> None:
    disable(copy, cast, "xaver")


def delete_voter(copy: Copy, cast: dict) -> None:
    copy.post("", cast["vera"].user, "/people/delete/", {"understood": "on"})


def delete_candidate(copy: Copy, cast: dict) -> None:
    copy.keep("xaver asks what deletion does", copy.browser(cast["xaver"].user).get("/people/delete/"))
    copy.post("xaver", cast["xaver"].user, "/people/delete/", {"understood": "on"})


def ask_to_close(copy: Copy, cast: dict) -> None:
    """One organiser asks to close voting early, and a second one looks at the request."""
    from conferences.models import ConsentRequest

    cast["conference"].election.__class__.objects.filter(pk=cast["conference"].pk).update(
        window_needs_consent=True
    )
    one = f"/admin/voting/votes/{cast['conference'].pk}"
    copy.post("organiser", copy.staff["organiser"], f"{one}/close/", {"reason": "All have voted."})
    cast["request"] = ConsentRequest.objects.get(conference=cast["conference"].pk)
    path = f"/admin/conferences/conference/{cast['conference'].pk}/second-person/{cast['request'].pk}/"
    copy.keep(f"second organiser GET {path}", copy.browser(copy.second).get(path))


def send_reminder(copy: Copy, cast: dict) -> None:
    from voting.campaigns.models import Campaign

    path = f"/admin/voting/campaign/announce/{cast['conference'].pk}/reminder/"
    form = {"subject": "Please vote", "message": "Voting is open."}
    copy.post("organiser", copy.staff["organiser"], path, form)
    review_and_send(copy, cast, Campaign.objects.get(conference=cast["conference"]))


def waiting_reminder(copy: Copy, cast: dict) -> None:
    from voting.campaigns.models import Campaign

    path = f"/admin/voting/campaign/announce/{cast['conference'].pk}/reminder/"
    form = {"subject": "Please vote", "message": "Voting is open."}
    copy.post("organiser", copy.staff["organiser"], path, form)
    cast["campaign"] = Campaign.objects.get(conference=cast["conference"])


def send_campaign(copy: Copy, cast: dict) -> None:
    from voting.campaigns.models import Campaign

    path = f"/conferences/{cast['conference'].slug}/campaigns/new/"
    form = {"subject": "Choose me", "message": "Because I can."}
    copy.post("xaver", cast["xaver"].user, path, form)
    review_and_send(copy, cast, Campaign.objects.get(conference=cast["conference"]))


def review_and_send(copy: Copy, cast: dict, campaign: object) -> None:
    from voting.tests.campaigns import dispatch_due

    cast["campaign"] = campaign
    one, form = f"/admin/voting/campaign/{campaign.pk}", {"version": campaign.version, "send_at": ""}
    second = copy.second
    copy.keep(f"second organiser reviews {campaign.pk}", copy.browser(second).get(f"{one}/change/"))
    copy.post("second organiser", second, f"{one}/approve/", form)
    dispatch_due()
    campaign.refresh_from_db()
    assert campaign.status == "sent", campaign.status


ACTS = {
    "nothing": nothing,
    "moved": nothing,
    "withdrawn": nothing,
    **{
        act.__name__: act
        for act in (
            exclude_voter,
            readmit_voter,
            remove_voter_from_roll,
            add_voter_to_roll_again,
            exclude_candidate,
            leave_voter,
            leave_candidate,
            come_back,
            opt_out_candidate,
            disable_voter,
            disable_candidate,
            delete_voter,
            delete_candidate,
            ask_to_close,
            waiting_reminder,
            send_reminder,
            send_campaign,
        )
    },
}


# --- the comparison -----------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", nargs="*", default=list(PAIRS), help="choice, turnout, control")
    parser.add_argument("--acts", default=",".join(ACTS), help="some of: " + ", ".join(ACTS))
    parser.add_argument("--copy", help=argparse.SUPPRESS)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.copy:
        play(options.copy, options.acts.split(","), options.report)
        return 0
    if unknown := {*options.pairs} - {*PAIRS} | {*options.acts.split(",")} - {*ACTS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="confbox-secrecy.") as folder:
        bad = compare(options.pairs, options.acts, Path(folder))
    print("as promised" if not bad else f"broken: {', '.join(bad)}")
    return bool(bad)


def compare(pairs: list[str], acts: str, folder: Path) -> list[str]:
    """Runs these pairs and prints how the copies of each differ; returns the pairs that fail."""
    began = time.monotonic()
    # All at the same time, so that all see the same hour.
    reports = {variant: folder / f"{variant}.pickle" for pair in pairs for variant in PAIRS[pair][:2]}
    prepare(folder)
    copies = {variant: start(variant, acts, report) for variant, report in reports.items()}
    if failed := [variant for variant, process in copies.items() if process.wait()]:
        raise SystemExit(f"These copies failed: {', '.join(failed)}")
    seen = {variant: pickle.loads(report.read_bytes()) for variant, report in reports.items()}  # noqa: S301
    failed = sorted({failure for _answers, emails, failures in seen.values() for failure in failures})
    print(*(f"  failed: {failure}" for failure in failed), sep="\n", end="\n" if failed else "")
    found = {pair: differences(pair, seen) for pair in pairs}
    print(f"{len(acts.split(','))} acts in {time.monotonic() - began:.0f} s")
    bad = [pair for pair, count in found.items() if (count == 0) == (pair == "control")]
    return [*bad, *(["failed pages"] if failed else [])]


def differences(pair: str, seen: dict[str, tuple]) -> int:
    """How many responses differ between the two copies; the first of them are printed."""
    *variants, voters = PAIRS[pair]
    one, other = (
        answers | {"emails": "\n".join(sorted(email for role, email in emails if role not in voters))}
        for answers, emails, _failed in (seen[variant] for variant in variants)
    )
    unequal = [what for what in sorted({*one, *other}) if not are_equal(one.get(what), other.get(what))]
    for what in unequal[:SHOWN]:
        print(f"  {what}\n    {first_difference(one.get(what), other.get(what))}")
    kinds = Counter(what.split(" ", 1)[0] for what in unequal)
    pages = sum(answer.startswith("200") for answer in one.values())
    print(
        f"{pair}: {len(one)} answers compared, {pages} of them pages, {len(unequal)} unequal {dict(kinds)}",
        flush=True,
    )
    return len(unequal)


def prepare(folder: Path) -> None:
    """Creates the tables once; every copy starts with them."""
    environment = environment_of("empty", folder)
    for command in (["migrate"], ["loaddata", "roles"]):
        subprocess.run(
            [sys.executable, ROOT / "manage.py", *command, "--verbosity=0"], env=environment, check=True
        )


def start(variant: str, acts: str, report: Path) -> "subprocess.Popen[bytes]":
    environment = environment_of(variant, report.parent)
    copy_tables(variant, report.parent)
    command = [sys.executable, __file__, "--copy", variant, "--acts", acts, "--report", str(report)]
    return subprocess.Popen(command, env=environment)


def environment_of(variant: str, folder: Path) -> dict[str, str]:
    files = folder / f"{variant}-var"
    files.mkdir()
    if is_mariadb():
        run_client("mariadb", "-e", f"CREATE DATABASE {variant.replace('-', '_')}")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "confbox.tests.settings",
        "DATABASE_URL": database_of(variant, folder),
        "VAR_DIR": str(files),
        "ENV_FILE": os.devnull,
        "LOG_LEVEL": "ERROR",
        "PYTHONHASHSEED": "0",
    }


def is_mariadb() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("mysql")


def database_of(variant: str, folder: Path) -> str:
    if is_mariadb():
        return os.environ["DATABASE_URL"].replace("/confbox?", f"/{variant.replace('-', '_')}?")
    return f"sqlite:///{folder}/{variant}.sqlite3"


def copy_tables(variant: str, folder: Path) -> None:
    if not is_mariadb():
        shutil.copy(folder / "empty.sqlite3", folder / f"{variant}.sqlite3")
        return
    tables = run_client("mariadb-dump", "empty")
    run_client("mariadb", variant.replace("-", "_"), text=tables)


def run_client(client: str, *arguments: str, text: bytes = b"") -> bytes:
    """A client of the private MariaDB server, as its root user."""
    command = [client, "--no-defaults", f"--socket={os.environ['MARIADB_SOCKET']}", "--user=root", *arguments]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout


def first_difference(one: object, other: object) -> str:
    if not isinstance(one, str) or not isinstance(other, str):
        return f"{str(one)[:200]!r} / {str(other)[:200]!r}"
    rows = zip(plain(one).split("\n"), plain(other).split("\n"), strict=False)
    a, b = next(((a, b) for a, b in rows if a != b), (one[-200:], other[-200:]))
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    start = max(at - 60, 0)
    return f"{a[start : at + 80]!r}\n    {b[start : at + 80]!r}"


if __name__ == "__main__":
    raise SystemExit(main())
