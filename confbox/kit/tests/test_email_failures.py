"""What a real mail server refuses for the moment is tried again; what may have been sent is not."""

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from confbox.kit import email_sending
from confbox.kit.email_failures import (
    DELAYS,
    GivenUpError,
    NotNowError,
    RefusedError,
    UncertainError,
    is_uncertain,
    name_of,
    retry_later,
)
from confbox.kit.email_sending import send_email
from confbox.kit.tests.mail_servers import serving
from confbox.kit.tests.ports import free_port
from confbox.kit.tests.queues import IN_DATABASE, work

pytestmark = pytest.mark.django_db(transaction=True)


class Server:
    """Answers the commands that are listed with something else than “OK”."""

    def __init__(self):
        self.taken, self.answers = [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.answers.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answers.get("DATA") == "hang up":
            server.transport.close()
        if answer := self.answers.get("DATA"):
            return answer
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def server(settings):
    settings.TASKS = IN_DATABASE
    with serving(Server(), settings) as handler:
        yield handler


def send():
    send_email(EmailMessage("Hello", "A text", to=["alice@example.org"]))


def state():
    row = DBTaskResult.objects.get()
    return row.status, row.exception_class_path


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_email_that_is_not_taken_now_is_sent_after_a_pause(server, verb):
    server.answers[verb] = "451 4.7.1 Greylisted"
    send()
    work()
    assert state() == ("FAILED", name_of(NotNowError))
    assert retry_later() == 1
    server.answers.clear()
    work()
    assert server.taken == []
    with time_machine.travel(timezone.now() + DELAYS[0] + timedelta(seconds=1)):
        work()
    assert (server.taken, state()[0]) == (["alice@example.org"], "SUCCESSFUL")


def test_email_is_tried_again_when_the_mail_server_was_away(server, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    send()
    work()
    settings.EMAIL_PORT = port
    assert retry_later() == 1
    with time_machine.travel(timezone.now() + DELAYS[0] + timedelta(seconds=1)):
        work()
    assert server.taken == ["alice@example.org"]


def test_pauses_grow_and_end(server):
    server.answers["RCPT"] = "450 4.2.1 Busy"
    send()
    now, pauses = timezone.now(), []
    for _ in range(len(DELAYS) + 1):
        with time_machine.travel(now, tick=False):
            work()
            if retry_later():
                row = DBTaskResult.objects.get()
                pauses.append(row.run_after - row.finished_at)
                now = row.run_after + timedelta(seconds=1)
    assert pauses == DELAYS
    assert state() == ("FAILED", name_of(GivenUpError))


def test_email_is_tried_again_if_the_database_fails_before_it_is_sent(server, monkeypatch):
    def deadlock(context):
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    send()
    with monkeypatch.context() as patch:
        patch.setattr(email_sending, "_begin_to_send", deadlock)
        work()
    assert (server.taken, retry_later()) == ([], 1)
    with time_machine.travel(timezone.now() + DELAYS[0] + timedelta(seconds=1)):
        work()
    assert server.taken == ["alice@example.org"]


def test_email_may_have_been_sent_if_the_database_fails_after_that(server, monkeypatch):
    def fail(row, value):
        raise OperationalError(2013, "Lost connection to server during query")

    monkeypatch.setattr(DBTaskResult, "set_successful", fail)
    send()
    work()
    assert (server.taken, is_uncertain(state()[1]), retry_later()) == (["alice@example.org"], True, 0)


def test_email_that_is_refused_for_good_is_not_tried_again(server):
    server.answers["RCPT"] = "550 5.1.1 No such user"
    send()
    work()
    assert (state(), retry_later()) == (("FAILED", name_of(RefusedError)), 0)


def test_email_is_not_tried_again_if_the_connection_breaks_while_it_is_sent(server):
    server.answers["DATA"] = "hang up"
    send()
    work()
    assert (state(), retry_later()) == (("FAILED", name_of(UncertainError)), 0)


def test_trying_again_twice_at_once_is_once(server):
    server.answers["RCPT"] = "451 Later"
    send()
    work()
    assert [retry_later(), retry_later()] == [1, 0]
