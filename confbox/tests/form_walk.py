"""Walks through every form: people with browsers, and each kind of form once."""

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from unittest.mock import patch

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import get_resolver
from django.utils import timezone

from accounts.actors import Actor
from accounts.linked_addresses import link_address
from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.tests import operations, routes
from confbox.tests.every_form import FILES, NIA, emailed_codes, every_form
from confbox.tests.forms import Browser
from confbox.tests.page_text import masked
from confbox.tests.row_changes import all_rows, changes, rows_now
from confbox.tests.snapshots import Snapshot
from confbox.tests.states import set_states
from conferences.models import Conference
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_invitation, make_team_member
from voting.campaigns.subscriptions.models import UndeliverableAddress

LOG_IN, IMPORT = "/accounts/login/", "/admin/conferences/conference/import/"
ENROL, AGAIN = "/accounts/2fa/confirm/", "/accounts/reauthenticate/code/"
IMPORT_ROUTE = "admin:conferences_conference_import"
NO_FORM = {
    "accounts/password/set/": "Everyone has a password.",
    "accounts/2fa/recovery-codes/download/": "A file, asked for by a link.",
    "bounces/": "An email provider posts there what has come back.",
    "conferences/<slug:slug>/campaigns/preview/": "A script sends there what is being typed.",
    "admin/": "The overview has no form of its own.",
    "admin/login/": "Leads to the log-in of the site.",
    "admin/password_change/": "Leads to the page of the site.",
}
# Django's own URLs that redirect elsewhere or only show something.
SHOWN_ONLY = re.compile(r"admin/.*(<path:object_id>/(history/)?|add/)$")


def routes_without(cases):
    """Routes that accept a POST according to the table of routes, but have no case.

    In the admin that means a POST of an organiser.
    """
    taking = set()
    for line in routes.TABLE.read_text().splitlines():
        pattern, answers = line[5 : 5 + routes.WIDTH].strip(), line[5 + routes.WIDTH :].split()
        asked = answers[-1:] if pattern.startswith("admin/") else answers
        refused = {"403", "404", "405"} if pattern.startswith("admin/") else {"405", "login"}
        is_page = not operations.is_of_api(pattern) and not SHOWN_ONLY.fullmatch(pattern)
        if line.startswith("POST ") and set(asked) - refused and is_page:
            taking.add(pattern)
    return taking - {case.pattern for case in cases}


@contextmanager
def walking(url, folder):
    """Every state, and browsers that are logging in or signing up: all as the snapshot stores it."""
    # Before the settings are overridden: the first import of the URLs decides for all tests.
    get_resolver().url_patterns  # noqa: B018
    # No one is asked for the password again, however slow the machine is.
    slow = {"ACCOUNT_REAUTHENTICATION_TIMEOUT": 3600}
    with override_settings(MEDIA_ROOT=folder, MAILBOX=False, **slow), patch("accounts.codes.LIFETIME", 3600):
        cache.clear()
        states = set_states()
        bob = states.members["bob"].user
        User.objects.filter(pk=bob.pk).update(calendar_key="k" * 32, picture=f"pictures/{'0' * 32}.webp")
        UndeliverableAddress.objects.create(address=bob.email, answer="550 no such user")
        empty = make_conference(title="Empty", slug="empty", status="draft")
        cancelled = make_conference(
            title="Cancelled", slug="cancelled", status="cancelled", stopped_at=timezone.now()
        )
        cancelled.changes.create(
            act="cancelled", reason="The hall has burnt down.", by=bob, at=timezone.now()
        )
        make_team_invitation(empty, bob.email)
        make_team_member(empty)
        browsers = {role: states.cast.cookies[role] for role in states.cast.cookies} | states.sessions
        browsers = {role: signed_in(url, session) for role, session in browsers.items()}
        browsers["bob"] = signed_in(url, log_in_freshly(Client(), bob).session.session_key)
        with a_minute_ago():
            entrances = walk_in(url, browsers)
        with Snapshot() as snapshot:
            cases = cases_of(states, browsers, entrances)
            # Opening the pages has written something too, such as the ballots of a vote that is over.
            snapshot.restore()
            yield Walk(browsers, snapshot, cases, len(mail.outbox), all_rows())
            snapshot.restore()


def a_minute_ago():
    """Codes that are sent meanwhile are old enough for another one, however fast the machine is."""
    return patch("accounts.codes.time", SimpleNamespace(time=lambda: time.time() - 60))


def cases_of(states, browsers, entrances):
    cases = every_form(states, entrances, lambda role: client_of(browsers[role]))
    lacking = routes_without(cases) - set(NO_FORM)
    assert not lacking, f"no form leads to {sorted(lacking)}"
    return cases


def client_of(browser):
    client = Client()
    for name, value in browser.cookies.items():
        client.cookies[name] = value
    return client


@dataclass(frozen=True)
class Walk:
    browsers: dict
    snapshot: Snapshot
    cases: list
    emails: int
    rows: dict

    def begin(self, case):
        """The browser of the sender, and everything as it was before anyone sent the form."""
        self.snapshot.restore()
        cache.clear()
        del mail.outbox[self.emails :]
        browser = self.browsers[case.role].copy()
        browser.code = getattr(self.browsers[case.role], "code", 0)
        return browser

    def done(self):
        """What has been written and emailed since."""
        now = rows_now(self.rows, self.snapshot.changed_tables())
        return changes(self.rows, now) + sorted(shown(message) for message in mail.outbox[self.emails :])


def shown(message):
    return f"email to {message.to}: {masked(message.subject)} {masked(message.body)}"


def signed_in(url, session):
    return Browser(url, {settings.SESSION_COOKIE_NAME: session} if session else {})


def walk_in(url, browsers):
    """People who are about to send a form: who, and on which page."""
    dora = make_user("dora@example.org", name="Dora")
    enrolling = make_user("frida@example.org", name="Frida")
    entrances = {}
    for role, (browser, path, typed) in {
        "newcomer": (Browser(url), "/accounts/signup/", NIA),
        "forgetful": (Browser(url), "/accounts/password/reset/", {"email": dora.email}),
        "without password": (Browser(url), "/accounts/login/code/", {"email": enrolling.email}),
        "two-factor": (Browser(url), LOG_IN, of("guarded@example.org")),
        "elsewhere too": (Browser(url), LOG_IN, of(dora.email)),
        "asked again": (Browser(url), LOG_IN, of(dora.email)),
        "changing": (Browser(url), LOG_IN, of(dora.email)),
        "enrolling": (Browser(url), LOG_IN, of(enrolling.email)),
        "claiming": (Browser(url), LOG_IN, of(tickets())),
    }.items():
        entrances[role] = stand_before(browser, path, typed)
        browsers[role] = browser
    entrances["changing"] = stand_before(
        browsers["changing"], "/accounts/email/", {"email": "dora2@example.org", "action_add": ""}
    )
    entrances["asked again"] = stand_before(browsers["asked again"], AGAIN, {}, action=f"{AGAIN}send/")
    entrances["enrolling"] = stand_before(browsers["enrolling"], ENROL, {}, action=f"{ENROL}send/")
    entrances["claiming"] = stand_before(
        browsers["claiming"], "/conferences/open-conf/ticket/", {"email": "tinas@ticket.example"}
    )
    entrances["elsewhere too"] = "/accounts/sessions/"
    browsers["resetting"], entrances["resetting"] = reset_begun(url)
    upload = browsers["organiser"].form(IMPORT)
    browsers["importing"] = browsers["organiser"].copy()
    entrances["importing"] = browsers["importing"].send(upload, FILES[IMPORT_ROUTE], status="draft").location
    roster = f"/admin/conferences/conference/{Conference.objects.get(slug='open-conf').pk}/roster/import/"
    browsers["listing"] = browsers["organiser"].copy()
    pasted = browsers["listing"].form(roster)
    entrances["listing"] = browsers["listing"].send(pasted, text="nia@example.org").location
    return entrances


def tickets():
    """Tina's ticket is under another address; the stranger's is not, and they have linked one."""
    conference = Conference.objects.get(slug="open-conf")
    for address in ("tinas@ticket.example", "stranger@example.org"):
        make_entry(conference, address)
    stranger = User.objects.get(email="stranger@example.org")
    link_address(email="old@ticket.example", by=Actor(stranger))
    return make_user("tina@example.org", name="Tina").email


def of(email):
    return {"login": email, "password": PASSWORD}


def stand_before(browser, path, typed, action=None):
    """Where the form leads; the browser remembers which code it was sent."""
    cache.clear()
    browser.code = len(emailed_codes())
    answer = browser.send(browser.form(path, action), **typed)
    assert answer.is_redirect, (path, answer.html)
    return answer.location


def reset_begun(url):
    browser, erik = Browser(url), make_user("erik@example.org", name="Erik")
    page = stand_before(browser, "/accounts/password/reset/", {"email": erik.email})
    return browser, browser.send(browser.form(page), code=emailed_codes()[browser.code]).location
