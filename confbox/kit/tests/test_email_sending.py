"""An email is sent if and only if the transaction that sends it commits, whichever queue there is."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django_tasks.base import TaskContext
from django_tasks_db.models import DBTaskResult

from confbox.kit.email_sending import deliver_email, deliver_secret_email, send_email
from confbox.kit.tests.queues import IN_DATABASE, work

pytestmark = pytest.mark.django_db(transaction=True)


class RolledBackError(Exception):
    pass


def send(*, fails):
    with transaction.atomic():
        send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]))
        if fails:
            raise RolledBackError


@pytest.fixture
def database_queue(settings):
    settings.TASKS = IN_DATABASE


@pytest.fixture
def other_queue(settings):
    """A queue outside the database: the tests' own, which runs tasks immediately."""
    settings.TASKS_REDIS_URL = "redis://127.0.0.1:1/0"


def test_email_is_in_the_table_before_the_commit(database_queue):
    with transaction.atomic():
        send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]))
        assert DBTaskResult.objects.count() == 1


def test_email_of_a_transaction_that_rolls_back_is_forgotten(database_queue):
    with pytest.raises(RolledBackError):
        send(fails=True)
    assert not DBTaskResult.objects.exists()


def test_other_queue_gets_the_email_after_the_commit(other_queue):
    with transaction.atomic():
        send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]))
        assert mail.outbox == []
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


def test_other_queue_never_gets_the_email_of_a_transaction_that_rolls_back(other_queue):
    with pytest.raises(RolledBackError):
        send(fails=True)
    assert mail.outbox == []


@pytest.fixture
def queued(database_queue):
    send(fails=False)
    return DBTaskResult.objects.get()


def test_an_email_that_was_accepted_is_a_successful_task(queued):
    work()
    queued.refresh_from_db()
    assert (len(mail.outbox), queued.status) == (1, "SUCCESSFUL")


def test_an_email_is_committed_as_begun_before_its_first_byte_leaves(queued, monkeypatch):
    """So that a worker that dies in between leaves nothing that another would send again."""
    seen = []

    def note(self, messages):
        seen.append(DBTaskResult.objects.get().status)

    monkeypatch.setattr(EmailBackend, "send_messages", note)
    work()
    assert seen == ["FAILED"]


def test_an_email_is_not_marked_as_begun_before_the_mail_server_answers(queued, monkeypatch):
    """What dies until then is certainly not sent, so another worker sends it."""
    seen = []
    monkeypatch.setattr(EmailBackend, "open", lambda self: seen.append(DBTaskResult.objects.get().status))
    work()
    assert seen == ["RUNNING"]


def test_an_email_that_may_have_been_sent_is_not_sent_again(queued):
    DBTaskResult.objects.update(status="FAILED")
    deliver_email.call(TaskContext(task_result=queued.task_result), **queued.args_kwargs["kwargs"])
    assert mail.outbox == []


def test_a_task_that_is_run_twice_at_once_sends_one_email(queued):
    queued.claim("worker")
    for _ in range(2):
        deliver_email.call(TaskContext(task_result=queued.task_result), **queued.args_kwargs["kwargs"])
    assert len(mail.outbox) == 1


def test_secret_email_is_sent_by_a_task_of_its_own(database_queue):
    send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]), is_secret=True)
    assert DBTaskResult.objects.get().task_path == deliver_secret_email.module_path
    work()
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
