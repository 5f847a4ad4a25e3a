"""Emails of which no organiser may learn are in no list of emails that were not sent."""

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.tests.factories import make_user
from conferences.health.unsent import EMAIL_TASKS, unsent_tasks
from voting.elections.emails import notify_excluded_member, notify_of_void_vote
from voting.elections.moderation.models import Report
from voting.elections.moderation.report_emails import notify_reporter

pytestmark = pytest.mark.django_db


def void_vote(alice):
    notify_of_void_vote(voter=alice.user, conference=alice.conference)


def report_settled(alice):
    report = Report(membership=alice, subject="pitch", reported_by=make_user("reports@example.org"))
    notify_reporter(report, Report.Outcome.HIDDEN)


def excluded(alice):
    notify_excluded_member(membership=alice, reason="Twice")


@pytest.mark.parametrize(
    ("notify", "is_listed"), [(void_vote, False), (report_settled, False), (excluded, True)]
)
def test_email_that_gives_a_secret_away_is_not_listed(settings, alice, notify, is_listed):
    queues = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail", "default", "campaigns"]}
    settings.TASKS = {"default": queues}
    notify(alice)
    DBTaskResult.objects.update(status="FAILED")
    assert unsent_tasks().exists() == is_listed


def test_only_tasks_that_send_one_email_each_are_listed():
    assert EMAIL_TASKS == [
        "confbox.kit.email_sending.deliver_email",
        "voting.timetable.tasks.email_person",
    ]
