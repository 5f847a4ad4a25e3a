"""What a worker had begun when it was killed, or frozen for long, is done once, by another."""

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from confbox.kit import email_sending
from confbox.kit.email_failures import LostError, name_of
from confbox.kit.email_sending import send_email
from confbox.kit.lost_tasks import LONGEST_TASK, requeue_lost_tasks
from confbox.kit.tests.mail_servers import serving
from confbox.kit.tests.queues import IN_DATABASE, work

pytestmark = pytest.mark.django_db(transaction=True)
LATER = LONGEST_TASK + timedelta(seconds=1)


class Server:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def server(settings):
    settings.TASKS = IN_DATABASE
    with serving(Server(), settings) as handler:
        yield handler


@pytest.fixture
def frozen_worker(server, monkeypatch):
    """Does something while the worker that sends the next email seems lost: it has connected, no more."""
    connect = email_sending.get_connection

    def use(what):
        def connect_slowly():
            monkeypatch.setattr(email_sending, "get_connection", connect)
            with time_machine.travel(timezone.now() + LATER):
                what()
            return connect()

        monkeypatch.setattr(email_sending, "get_connection", connect_slowly)
        work("frozen")

    return use


def send():
    send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]))


def states():
    rows = DBTaskResult.objects.order_by("enqueued_at", "pk")
    return sorted(rows.values_list("status", "exception_class_path"))


def test_worker_that_goes_on_after_its_task_was_requeued_leaves_the_email_to_the_new_task(
    server, frozen_worker
):
    send()
    frozen_worker(requeue_lost_tasks)
    assert server.taken == []
    work("other")
    assert server.taken == ["alice@example.org"]


def test_worker_that_goes_on_after_another_has_sent_the_email_does_not_send_it(server, frozen_worker):
    def let_another_send():
        requeue_lost_tasks()
        work("other")

    send()
    frozen_worker(let_another_send)
    work("other")
    assert server.taken == ["alice@example.org"]


def lose():
    send()
    started = timezone.now() - LATER
    DBTaskResult.objects.update(status="RUNNING", started_at=started, worker_ids=["killed"])


def test_lost_task_is_done_by_a_new_one(server):
    lose()
    assert requeue_lost_tasks() == 1
    assert states() == [("FAILED", name_of(LostError)), ("READY", "")]
    work("other")
    assert (server.taken, states()[1][0]) == (["alice@example.org"], "SUCCESSFUL")


def test_requeuing_twice_is_once(server):
    lose()
    assert [requeue_lost_tasks(), requeue_lost_tasks()] == [1, 0]


def test_attempts_of_a_lost_task_count_on(server):
    lose()
    requeue_lost_tasks()
    assert DBTaskResult.objects.ready().get().worker_ids == ["killed"]


def test_task_that_may_still_run_is_left_alone(server):
    lose()
    DBTaskResult.objects.update(started_at=timezone.now() - LONGEST_TASK + timedelta(minutes=1))
    assert requeue_lost_tasks() == 0
