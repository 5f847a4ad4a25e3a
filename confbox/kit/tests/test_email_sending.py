"""An email is sent if and only if the transaction that sends it commits, whichever queue there is."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from confbox.kit.email_sending import send_email

QUEUES = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail", "default", "campaigns"]}
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
    settings.TASKS = {"default": QUEUES}


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
