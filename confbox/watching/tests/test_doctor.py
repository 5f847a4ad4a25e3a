"""`manage.py doctor` and its page show what the checks find, whatever happens to one of them."""

import json
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from confbox.watching.checks import all_checks
from confbox.watching.findings import Check, Verdict, ok, problem, warning
from confbox.watching.running import run_checks
from conferences.models import Role
from conferences.tests.teams import make_team_member

URL = "/admin/doctor/"


def check(name, ask, **options):
    return Check(name, name.title(), ask, **options)


FINE = check("fine", lambda: ok("It is fine.", 1.5))
ODD = check("odd", lambda: warning("It is odd."))
BAD = check("bad", lambda: problem("It is bad."))


def test_check_that_hangs_is_given_up_and_says_so():
    began = time.monotonic()
    hanging = check("hanging", lambda: time.sleep(30), in_thread=True)
    hung, fine = run_checks([hanging, FINE], seconds=0.2)
    assert time.monotonic() - began < 5
    assert hung.verdict is Verdict.WARNING
    assert "given up" in hung.finding.words
    assert fine.verdict is Verdict.OK


@pytest.mark.parametrize("in_thread", [True, False])
def test_check_that_fails_says_why_and_leaves_the_others(in_thread):
    broken, fine = run_checks([check("broken", lambda: 1 / 0, in_thread=in_thread), FINE])
    assert broken.verdict is Verdict.WARNING
    assert "ZeroDivisionError" in broken.finding.words
    assert fine.verdict is Verdict.OK


def test_database_that_is_down_is_a_problem():
    def ask():
        raise OperationalError(2002, "Cannot connect")

    others = [check("rows", ask, needs_database=True), FINE]
    down, unknown, fine = run_checks([check("database", ask, needs_database=True), *others])
    assert (down.verdict, unknown.verdict, fine.verdict) == (Verdict.PROBLEM, Verdict.WARNING, Verdict.OK)
    assert "the database does not answer" in unknown.finding.words


def run(checks, monkeypatch, *arguments):
    monkeypatch.setattr(all_checks, "CHECKS", checks)
    out, code = StringIO(), 0
    try:
        call_command("doctor", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


@pytest.mark.parametrize(("checks", "code"), [([FINE], 0), ([FINE, ODD], 1), ([BAD, ODD, FINE], 2)])
def test_exit_code_is_that_of_the_worst(db, monkeypatch, checks, code):
    assert run(checks, monkeypatch)[0] == code


def test_programs_read_verdict_words_and_figure(db, monkeypatch):
    shown = json.loads(run([FINE, ODD], monkeypatch, "--json")[1])
    assert shown["verdict"] == "warning"
    expected = {"name": "fine", "verdict": "ok", "words": "It is fine.", "figure": 1.5}
    assert shown["checks"][0] == expected


def test_periods_are_listed_if_asked_for(db, monkeypatch):
    assert "django_session: 0, 0 overdue; two weeks" in run([FINE], monkeypatch, "--kept")[1]
    assert "django_session" not in run([FINE], monkeypatch)[1]


def test_test_email_is_sent(db, monkeypatch, mailoutbox):
    run([FINE], monkeypatch, "--email", "me@example.org")
    assert [email.to for email in mailoutbox] == [["me@example.org"]]


def test_test_email_that_is_refused_is_a_problem(db, monkeypatch, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="was not sent") as raised:
        run([FINE], monkeypatch, "--email", "me@example.org")
    assert raised.value.returncode == 2


def test_names_of_checks_are_unique():
    names = [each.name for each in all_checks.CHECKS]
    assert len(names) == len(set(names))


def test_site_organiser_reads_each_check_the_worst_first(as_organiser, monkeypatch):
    monkeypatch.setattr(all_checks, "CHECKS", [FINE, BAD, ODD])
    page = parse(as_organiser.get(URL))
    assert page.texts("#checks h2") == ["Bad", "Odd", "Fine"]
    assert page.texts("#checks .line-state") == ["Problem", "Warning", "All well"]


def test_page_with_the_real_checks_is_shown(as_organiser):
    assert len(parse(as_organiser.get(URL)).texts("#checks h2")) == len(all_checks.CHECKS)


def test_first_page_of_the_admin_leads_to_it(as_organiser):
    assert URL in parse(as_organiser.get("/admin/")).part("#content").links


def test_owner_of_a_conference_does_not_see_it(client, conference):
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    assert client.get(URL).status_code == 403
    assert URL not in parse(client.get("/admin/")).part("#content").links


def test_visitor_is_asked_to_log_in(client, db):
    assert client.get(URL).status_code == 302
