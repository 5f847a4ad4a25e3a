"""Emails that were not sent: the organisers of the site see them, and send each again or settle it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.email_failures import (
    GivenUpError,
    LostError,
    NotNowError,
    RefusedError,
    UncertainError,
    name_of,
)
from confbox.kit.email_sending import send_email
from confbox.kit.tests.page import parse
from confbox.kit.tests.queues import IN_DATABASE
from conferences.models import Role
from conferences.tests.teams import make_team_member

pytestmark = pytest.mark.django_db
URL = "/admin/conferences/conference/failed-emails/"


@pytest.fixture(autouse=True)
def queue(settings):
    settings.TASKS = IN_DATABASE


def fail(kind, task=None, *, minutes=10, answer="550 5.1.1 No such user"):
    row = task or DBTaskResult.objects.latest("enqueued_at")
    columns = {"exception_class_path": name_of(kind), "traceback": f"…\n{name_of(kind)}: {answer}"}
    at = timezone.now() - timedelta(minutes=minutes)
    DBTaskResult.objects.filter(pk=row.pk).update(status="FAILED", finished_at=at, **columns)
    return DBTaskResult.objects.get(pk=row.pk)


def failing(kind=RefusedError, *, minutes=10, is_secret=False):
    send_email(EmailMessage("Bread Conf: decide", "A text", to=["dora@example.org"]), is_secret=is_secret)
    return fail(kind, minutes=minutes)


def listed(client):
    return parse(client.get(URL)).texts("#failed-emails article")


def decide(client, row, act):
    page = parse(client.post(URL, {"email": row.pk, "act": act}, follow=True))
    return page.part(".messagelist").text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (RefusedError, "The mail server said: 550 5.1.1 No such user"),
        (GivenUpError, "It was not sent."),
        (UncertainError, "It may have arrived."),
        (OperationalError, "It may have arrived."),
    ],
)
def test_email_is_listed_with_its_recipient_its_subject_and_what_happened(as_organiser, kind, said):
    failing(kind)
    [text] = listed(as_organiser)
    assert "Bread Conf: decide" in text
    assert "dora@example.org" in text
    assert said in text


def test_email_that_is_tried_again_automatically_is_not_listed(as_organiser):
    failing(NotNowError)
    assert listed(as_organiser) == []


def test_email_that_another_task_sends_is_not_listed(as_organiser):
    failing(LostError)
    assert listed(as_organiser) == []


def test_email_that_is_being_sent_is_not_listed(as_organiser):
    failing(UncertainError, minutes=1)
    assert listed(as_organiser) == []


def test_email_of_which_no_organiser_may_learn_is_not_listed(as_organiser):
    failing(is_secret=True)
    assert listed(as_organiser) == []


def test_email_is_sent_again_once(as_organiser):
    row = failing()
    assert "on its way again" in decide(as_organiser, row, "again")
    assert "nothing was changed" in decide(as_organiser, row, "again")
    row.refresh_from_db()
    assert (row.status, row.worker_ids) == ("READY", [])
    assert AdminAct.objects.filter(act="send email again").count() == 1
    assert mail.outbox == []


def test_settled_email_is_no_longer_listed_and_not_sent(as_organiser):
    row = failing()
    assert "marked as settled" in decide(as_organiser, row, "settled")
    assert listed(as_organiser) == []
    assert "nothing was changed" in decide(as_organiser, row, "again")
    row.refresh_from_db()
    assert row.status == "FAILED"
    assert AdminAct.objects.get(act="settle email").target == "people"


@pytest.mark.parametrize("data", [{"email": "x", "act": "again"}, {"email": str(uuid4()), "act": "burn"}, {}])
def test_request_that_no_form_of_ours_makes_changes_nothing(as_organiser, data):
    row = failing()
    assert as_organiser.post(URL, data).status_code == 200
    row.refresh_from_db()
    assert row.status == "FAILED"


def test_team_of_a_conference_does_not_see_them(client, conference):
    row = failing()
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"email": row.pk, "act": "again"}).status_code == 403


def test_stranger_is_sent_away(client):
    log_in_freshly(client, make_user("stranger@example.net"))
    assert client.get(URL).status_code in (302, 403)


def test_overview_leads_organisers_of_the_site_to_them(as_organiser, client, conference):
    failing()
    url = f"/admin/conferences/conference/{conference.pk}/"
    line = parse(as_organiser.get(url)).part("#line-worker")
    assert "1 email may not have been sent." in line.text
    assert URL in line.links


def test_first_page_leads_organisers_of_the_site_to_them(as_organiser, client, conference):
    assert not parse(as_organiser.get("/admin/")).has("#failed-emails")
    failing()
    assert parse(as_organiser.get("/admin/")).part("#failed-emails").links == [URL]
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    assert not parse(client.get("/admin/")).has("#failed-emails")


def test_overview_of_the_team_is_without_them(client, conference):
    failing()
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    page = parse(client.get(f"/admin/conferences/conference/{conference.pk}/"))
    assert "may not have been sent" not in page.part("#line-worker").text


def test_number_of_queries_does_not_grow_with_the_emails(as_organiser, django_assert_max_num_queries):
    failing()
    as_organiser.get(URL)
    for _ in range(3):
        failing()
    with django_assert_max_num_queries(12):
        assert len(listed(as_organiser)) == 4
