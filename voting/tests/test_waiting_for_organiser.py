"""The admin's first page shows what the organiser has to do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership
from voting.elections.election.models import Election
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed():
    return make_conference(title="Closed Conf", voting="closed")


def box(client):
    page = parse(client.get("/admin/"))
    return page.part("#waiting") if page.has("#waiting") else parse("")


def test_campaigns_to_review_are_counted_and_linked(as_organiser, alice, bob):
    make_campaign(alice)
    assert "1 campaign to review" in box(as_organiser).text
    make_campaign(bob)
    assert box(as_organiser).texts('a[href="/admin/voting/campaign/"]') == ["2 campaigns to review"]


def test_requests_to_join_are_counted_for_each_conference_and_linked(as_organiser, conference, stranger, bob):
    other = only(make_conference(title="Other Conf"), approval=True)
    ask(only(conference, approval=True), stranger)
    for person in (stranger, bob.user):
        ask(other, person)
    found = {f"/admin/conferences/conference/{c.pk}/joining/" for c in (conference, other)}
    assert found <= set(box(as_organiser).links)
    words = box(as_organiser).text
    assert ("1 request to join Open Conf" in words, "2 requests to join Other Conf" in words) == (True, True)


def test_closed_votes_without_a_decision_are_counted_and_linked(as_organiser, closed):
    shown = box(as_organiser)
    assert "1 closed vote without a decision" in shown.text
    assert shown.texts(f'a[href="/admin/voting/tally/{closed.pk}/change/"]') == ["Closed Conf"]


def test_without_work_there_is_no_box(as_organiser, conference):
    assert not parse(as_organiser.get("/admin/")).has("#waiting")


def test_the_pages_of_one_application_have_no_box(as_organiser, closed):
    assert not parse(as_organiser.get("/admin/voting/")).has("#waiting")


def test_a_vote_that_is_decided_does_not_wait(as_organiser, organiser, closed):
    close_and_decide(conference=closed, candidate=make_membership(closed), by=organiser, reason="Best")
    assert box(as_organiser).text == ""


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Conference, {"status": "inactive"}),
        (Election, {"rules_set_at": None}),
        (Conference, {"starts_at": timezone.now() - timedelta(3), "ends_at": timezone.now() - timedelta(2)}),
    ],
)
def test_what_can_no_longer_be_decided_does_not_wait(as_organiser, closed, model, columns):
    model.objects.update(**columns)
    assert box(as_organiser).text == ""


@pytest.mark.parametrize(
    ("codenames", "there"),
    [
        ([], (False, False)),
        (["view_campaign", "view_election"], (False, False)),
        (["view_campaign", "review_campaign"], (True, False)),
        (["view_election", "add_decision"], (False, True)),
    ],
)
def test_everyone_reads_only_what_they_may_do(client, alice, closed, codenames, there):
    make_campaign(alice)
    person = make_user("staff@example.org", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    shown = box(log_in_freshly(client, person))
    assert (shown.mentions("to review"), shown.mentions("without a decision")) == there


def test_the_box_costs_two_queries(as_organiser, alice, closed):
    make_campaign(alice)
    with CaptureQueriesContext(connection) as captured:
        as_organiser.get("/admin/")
    tables = ("FROM `voting_campaign`", "FROM `voting_election`")
    asked = [q["sql"].replace('"', "`") for q in captured.captured_queries]
    assert len([sql for sql in asked if any(table in sql for table in tables)]) == 2
