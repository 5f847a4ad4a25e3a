"""Every form of the site and of the admin, sent twice at once and once more afterwards.

The pages of the URL configuration are walked for their forms, so a new form is among them without a word.
A route that takes a POST and whose form no page shows fails the test until it is named in `NO_FORM`.
"""

import re
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.tests import routes
from confbox.tests.every_form import FILES, NIA, every_form, mailed_codes
from confbox.tests.forms import Browser
from confbox.tests.snapshots import Snapshot
from confbox.tests.states import set_states
from conferences.tests.factories import make_conference
from voting.campaigns.models import UndeliverableAddress

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LOG_IN, IMPORT = "/accounts/login/", "/admin/conferences/conference/import/"
ENROL = "/accounts/2fa/confirm/"
IMPORT_ROUTE = "admin:conferences_conference_import"
# Not counted: what is written whenever anybody comes by.
PASSING = ("django_session", "cache", "kept", "answers", "usersessions_usersession")


NO_FORM = {
    "accounts/login/code/confirm/": "Nobody logs in by a mailed code.",
    "accounts/password/set/": "Everybody has a password.",
    "accounts/2fa/recovery-codes/download/": "A file, asked for by a link.",
    "conferences/<slug:slug>/campaigns/preview/": "A script sends there what is being typed.",
    "admin/": "The overview has no form of its own.",
    "admin/login/": "Leads to the log-in of the site.",
    "admin/password_change/": "Leads to the page of the site.",
}
# Django's own addresses that lead elsewhere or only show something.
SHOWN_ONLY = re.compile(r"admin/.*(<path:object_id>/(history/)?|add/)$")


def routes_without(cases):
    """Routes that take a POST of somebody, as the table of routes says, and of which no case is.

    In the admin that is a POST of an organiser.
    """
    taking = set()
    for line in routes.TABLE.read_text().splitlines():
        pattern, answers = line[5 : 5 + routes.WIDTH].strip(), line[5 + routes.WIDTH :].split()
        asked = answers[-1:] if pattern.startswith("admin/") else answers
        refused = {"403", "404", "405"} if pattern.startswith("admin/") else {"405", "login"}
        if line.startswith("POST ") and set(asked) - refused and not SHOWN_ONLY.fullmatch(pattern):
            taking.add(pattern)
    return taking - {case.pattern for case in cases}


@pytest.fixture
def stage(roles, settings, tmp_path, live_server):
    """Every state, and browsers on their way through an entrance: all as the snapshot keeps it."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    settings.MAILBOX = False
    states = set_states()
    bob = states.members["bob"].user
    User.objects.filter(pk=bob.pk).update(calendar_key="k" * 32, picture=f"pictures/{'0' * 32}.webp")
    UndeliverableAddress.objects.create(address=bob.email, answer="550 no such user")
    make_conference(title="Empty", slug="empty", status="draft")
    browsers = {role: states.stage.cookies[role] for role in states.stage.cookies} | states.sessions
    browsers = {role: signed_in(live_server.url, session) for role, session in browsers.items()}
    browsers["bob"] = signed_in(live_server.url, log_in_freshly(Client(), bob).session.session_key)
    entrances = walk_in(live_server.url, browsers)
    with Snapshot() as snapshot:
        yield SimpleNamespace(states=states, browsers=browsers, entrances=entrances, snapshot=snapshot)
        snapshot.restore()


def signed_in(url, session):
    return Browser(url, {settings.SESSION_COOKIE_NAME: session} if session else {})


def walk_in(url, browsers):
    """People who stand before the next form: who, and on which page."""
    dora = make_user("dora@example.org", name="Dora")
    enrolling = make_user("frida@example.org", name="Frida")
    entrances = {}
    for role, (browser, path, typed) in {
        "newcomer": (Browser(url), "/accounts/signup/", NIA),
        "forgetful": (Browser(url), "/accounts/password/reset/", {"email": dora.email}),
        "two-factor": (Browser(url), LOG_IN, of("guarded@example.org")),
        "elsewhere too": (Browser(url), LOG_IN, of(dora.email)),
        "changing": (Browser(url), LOG_IN, of(dora.email)),
        "enrolling": (Browser(url), LOG_IN, of(enrolling.email)),
    }.items():
        entrances[role] = stand_before(browser, path, typed)
        browsers[role] = browser
    entrances["changing"] = stand_before(
        browsers["changing"], "/accounts/email/", {"email": "dora2@example.org", "action_add": ""}
    )
    entrances["enrolling"] = stand_before(browsers["enrolling"], ENROL, {}, action=f"{ENROL}send/")
    entrances["elsewhere too"] = "/accounts/sessions/"
    browsers["resetting"], entrances["resetting"] = reset_begun(url)
    upload = browsers["organiser"].form(IMPORT)
    browsers["importing"] = browsers["organiser"].copy()
    entrances["importing"] = browsers["importing"].send(upload, FILES[IMPORT_ROUTE], status="draft").location
    return entrances


def of(email):
    return {"login": email, "password": PASSWORD}


def stand_before(browser, path, typed, action=None):
    """Where the form leads; the browser remembers the place of the code that it was sent."""
    cache.clear()
    browser.code = len(mailed_codes())
    answer = browser.send(browser.form(path, action), **typed)
    assert answer.is_redirect, (path, answer.html)
    return answer.location


def reset_begun(url):
    browser, erik = Browser(url), make_user("erik@example.org", name="Erik")
    page = stand_before(browser, "/accounts/password/reset/", {"email": erik.email})
    return browser, browser.send(browser.form(page), code=mailed_codes()[browser.code]).location


def client_of(stage, role):
    client = Client()
    for name, value in stage.browsers[role].cookies.items():
        client.cookies[name] = value
    return client


def send(stage, case, times):
    """What the form's page, sent so often from the state of the snapshot, was answered and has changed."""
    stage.snapshot.restore()
    cache.clear()
    del mail.outbox[stage.mails :]
    browser = stage.browsers[case.role].copy()
    browser.code = getattr(stage.browsers[case.role], "code", 0)
    form = case.form(browser)
    typed, files = case.typed(form, browser), FILES.get(case.route)
    answers = browser.send_at_once(form, times=times, files=files, **typed)
    browser.take(answers[-1])
    if times > 1:
        answers.append(browser.take(browser.post(form, form.filled(**typed), files)))
    return SimpleNamespace(answers=answers, changed=changed(stage), is_in=browser.get("/me/").status == 200)


def changed(stage):
    now, before = stage.snapshot.counts(), stage.before
    rows = {table: now[table] - before[table] for table in now if table not in PASSING}
    return {table: number for table, number in rows.items() if number} | {"mails": len(mail.outbox)}


def unlike(case, once, twice):
    """What differs, in words; empty if nothing does."""
    seen = [shape(answer) for answer in [*once.answers, *twice.answers]]
    problems = []
    if len(set(seen)) > 1:
        problems.append(f"answers {seen}")
    if once.changed != twice.changed:
        problems.append(f"once {once.changed}, twice {twice.changed}")
    if once.is_in != twice.is_in:
        problems.append(f"logged in: once {once.is_in}, twice {twice.is_in}")
    if any(answer.status >= 500 for answer in [*once.answers, *twice.answers]):
        problems.append("an error")
    return f"{case}: {'; '.join(problems)}" if problems else ""


def shape(answer):
    """Status and place, without the numbers of rows, which are others at each try."""
    return answer.status, re.sub(r"\d+", "0", answer.location)


def test_every_form_sent_twice_is_handled_once_and_answered_alike(stage):
    stage.before, stage.mails = stage.snapshot.counts(), len(mail.outbox)
    cases = every_form(stage.states, stage.entrances, lambda role: client_of(stage, role))
    assert routes_without(cases) - set(NO_FORM) == set()
    found = [unlike(case, send(stage, case, 1), send(stage, case, 2)) for case in cases]
    assert [problem for problem in found if problem] == []
