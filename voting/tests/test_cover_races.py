"""A pitch is changed, covered and hidden at once, and an email is sent again by several: real connections."""

import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction  # noqa: F401 (the mark below asks it)
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import make_user
from confbox.kit.email_failures import RefusedError, name_of
from confbox.kit.email_sending import send_email
from confbox.kit.outcomes import Change
from confbox.kit.seen import Outdated, version_of
from confbox.kit.tests.queues import IN_DATABASE
from confbox.kit.tests.threads import InThread
from conferences.consent.actions import cancel_request, confirm_request
from conferences.consent.acts import ACTS
from conferences.models import Conference, Membership
from conferences.overview.undelivered import failed_tasks, send_email_again
from conferences.tests.factories import make_conference, make_membership
from voting.elections.models import Pitch
from voting.tests.consent import make_team
from voting.tests.factories import make_pitch
from voting.tests.test_consent_races import at_once
from voting.tests.test_cover_pitch import ask, is_covered, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
ROUNDS = 5


@pytest.fixture
def member():
    found = make_membership(make_conference(voting="open"))
    make_pitch(found)
    return found


@pytest.fixture
def team(member):
    return make_team(member.conference, "exclusion")


def without_errors(threads):
    assert [thread.error for thread in threads] == [None] * len(threads)


def test_text_that_is_saved_while_it_is_being_covered_is_covered(member, team):
    for number in range(ROUNDS):
        Pitch.objects.update(covered_until=timezone.now() - timedelta(days=1))
        write(member, f"Before {number}")
        member.conference.consent_requests.all().delete()
        without_errors(at_once(lambda: write(member, f"After {number}"), lambda: ask(member, team[0])))  # noqa: B023
        assert is_covered(member)


def test_text_that_is_saved_while_the_request_is_answered_is_not_covered(member, team):
    for number in range(ROUNDS):
        write(member, f"Before {number}")
        asked = ask(member, team[0])
        answers = [
            lambda: write(member, f"After {number}"),  # noqa: B023
            lambda: cancel_request(asked=asked, by=Actor(team[1])),  # noqa: B023
        ]
        without_errors(at_once(*answers))
        assert not is_covered(member)


def test_text_that_is_saved_while_it_is_being_hidden_is_hidden(member, team):
    asked = ask(member, team[0])
    confirm = lambda: confirm_request(asked=asked, by=Actor(team[1]))  # noqa: E731
    without_errors(at_once(lambda: write(member, "After"), confirm))
    assert Membership.objects.get(pk=member.pk).is_pitch_hidden
    assert not is_covered(member)


def confirm_while_the_author_saves(member, confirm, seconds=0.5):
    """What became of the confirmation that begins before the text is committed, at most this long before."""
    with transaction.atomic():
        write(member, "After")
        confirming = InThread(confirm)
        confirming.join(seconds)
    return confirming.finish()


def read(asked):
    act = ACTS[asked.act]
    return version_of(act.grounds(Conference.objects.get(pk=asked.conference_id), asked.payload))


def test_text_that_is_saved_while_another_one_is_confirmed_is_not_hidden(member, team):
    asked = ask(member, team[0])
    seen = read(asked)
    confirm = lambda: confirm_request(asked=asked, by=Actor(team[1]), seen=seen)  # noqa: E731
    assert isinstance(confirm_while_the_author_saves(member, confirm).error, Outdated)
    assert not Membership.objects.get(pk=member.pk).is_pitch_hidden


def test_control_version_that_is_read_without_the_lock_is_the_old_one(member, team):
    asked = ask(member, team[0])
    seen = read(asked)
    done = confirm_while_the_author_saves(member, lambda: read(asked) == seen, seconds=20)
    assert done.result is True


@pytest.fixture
def failing(settings):
    settings.TASKS = IN_DATABASE
    send_email(EmailMessage("Hello", "A text", to=["dora@example.org"]))
    at = timezone.now() - timedelta(hours=1)
    DBTaskResult.objects.update(status="FAILED", exception_class_path=name_of(RefusedError), finished_at=at)
    return DBTaskResult.objects.get()


def test_email_that_several_send_again_at_once_is_sent_once(failing):
    by = Actor(make_user("organiser@example.org"))
    done = at_once(*[lambda: send_email_again(task_id=failing.pk, by=by)] * 5)
    without_errors(done)
    assert [thread.result for thread in done].count(Change.MADE) == 1
    assert AdminAct.objects.filter(act="send email again").count() == 1


def test_control_several_find_it_listed_without_the_lock(failing):
    read = threading.Barrier(5)

    def naive():
        listed = failed_tasks().filter(pk=failing.pk).exists()
        read.wait()
        return listed and DBTaskResult.objects.filter(pk=failing.pk).update(status="READY") is not None

    assert [thread.result for thread in at_once(*[naive] * 5)].count(True) > 1
