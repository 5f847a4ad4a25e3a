"""Which emails about a vote are listed as not sent: none of which no organiser may learn."""

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.tests.factories import make_user
from confbox.kit.email_failures import RefusedError
from confbox.kit.tests.queues import IN_DATABASE
from conferences.overview.undelivered import EMAIL_TASKS, failed_tasks
from conferences.tests.test_failed_emails import fail, listed
from voting.elections.emails import notify_excluded_member, notify_of_void_vote
from voting.elections.moderation.models import Report
from voting.elections.moderation.report_emails import notify_reporter
from voting.timetable.tasks import email_person

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
    settings.TASKS = IN_DATABASE
    notify(alice)
    DBTaskResult.objects.update(status="FAILED")
    assert failed_tasks().exists() == is_listed


def test_only_tasks_that_send_one_email_each_are_listed():
    assert EMAIL_TASKS == [
        "confbox.kit.email_sending.deliver_email",
        "voting.timetable.tasks.email_person",
    ]


def test_email_of_the_timetable_is_listed_with_its_person(settings, as_organiser, conference, organiser):
    settings.TASKS = IN_DATABASE
    facts = {"conference_id": conference.pk, "code": "undecided", "person_id": organiser.pk}
    email_person.enqueue(**facts, due_at=timezone.now().isoformat())
    fail(RefusedError)
    [text] = listed(as_organiser)
    assert conference.title in text
    assert organiser.email in text
