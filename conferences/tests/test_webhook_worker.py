"""Many webhooks at once: a slow one holds up no other, and a worker that is to end records what it sends."""

import threading
import time

import pytest

from conferences.outbox.models import WebhookEndpoint, WebhookMessage
from conferences.tests.webhooks import allow_here, answer_with, make_endpoint, make_event, receiving
from conferences.webhooks import sending, worker
from conferences.webhooks.worker import WebhookSender, begin_sending

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(settings):
    allow_here(settings)


class Begun:
    """Which processes were begun."""

    def __init__(self):
        self.names = []

    def begin(self, name, _target):
        self.names.append(name)


def test_all_that_waits_is_sent_in_order(conference, monkeypatch):
    monkeypatch.setattr(worker, "MESSAGES_IN_A_ROW", 3)
    with receiving() as receiver:
        endpoint = make_endpoint(conference, url=receiver.url())
        messages = [make_event(endpoint) for _ in range(8)]
        WebhookSender().run()
    assert receiver.ids == [message.event.public_id for message in messages]
    assert not WebhookMessage.objects.waiting().exists()
    endpoint.refresh_from_db()
    assert (endpoint.claim, endpoint.claimed_until) == ("", None)


def test_slow_one_holds_up_no_other(conference):
    """The slow ones answer only once the quick one has got everything."""
    is_complete, saw = threading.Event(), []

    def count(_handler):
        if len(quick.got) == 5:
            is_complete.set()

    slow_answer = answer_with(after=lambda _handler: saw.append(is_complete.wait(4)))
    with receiving(slow_answer) as slow, receiving(answer_with(after=count)) as quick:
        for _ in range(4):
            make_event(make_endpoint(conference, url=slow.url()))
        own = make_endpoint(conference, url=quick.url())
        for _ in range(5):
            make_event(own)
        WebhookSender().run()
    assert saw == [True] * 4


def test_one_endpoint_is_sent_one_message_at_a_time(conference):
    now, most = [0], [0]

    def count(_handler):
        now[0] += 1
        most[0] = max(most[0], now[0])
        time.sleep(0.05)
        now[0] -= 1

    with receiving(answer_with(after=count)) as receiver:
        endpoint = make_endpoint(conference, url=receiver.url())
        for _ in range(4):
            make_event(endpoint)
        WebhookSender().run()
    assert (len(receiver.got), most) == (4, [1])


def test_worker_that_is_to_end_records_what_it_sends_and_begins_nothing_more(conference):
    sender = WebhookSender()
    with receiving(answer_with(after=lambda _handler: sender.end())) as receiver:
        endpoint = make_endpoint(conference, url=receiver.url())
        first, second = make_event(endpoint), make_event(endpoint)
        sender.run()
    for message in (first, second):
        message.refresh_from_db()
    assert [first.state, second.state] == ["accepted", "waiting"]
    assert WebhookEndpoint.objects.get().claim == ""


def test_failing_endpoint_is_left_until_its_next_attempt(conference):
    with receiving(answer_with(500)) as receiver:
        make_event(make_endpoint(conference, url=receiver.url()))
        WebhookSender().run()
        assert len(receiver.got) == 1


@pytest.mark.parametrize(("is_due", "names"), [(True, ["webhooks"]), (False, [])])
def test_process_begins_only_if_something_is_due(conference, is_due, names):
    endpoint = make_endpoint(conference)
    if is_due:
        make_event(endpoint)
    begun = Begun()
    begin_sending(begun)
    assert begun.names == names


def test_backlog_of_a_slow_one_takes_turns_with_others(conference, monkeypatch):
    """Its older messages do not come before every one of another endpoint."""
    monkeypatch.setattr(worker, "AT_ONCE", 1)
    monkeypatch.setattr(worker, "SECONDS_IN_A_ROW", 0)
    sent = []
    answer = answer_with(after=lambda handler: sent.append(handler.server.server_port))
    with receiving(answer) as slow, receiving(answer) as quick:
        backlog = make_endpoint(conference, url=slow.url())
        for _ in range(4):
            make_event(backlog)
        make_event(make_endpoint(conference, url=quick.url()))
        WebhookSender().run()
    assert sent.index(quick.port) == 1
    assert len(sent) == 5


def test_message_that_cannot_be_written_holds_up_no_other(conference):
    with receiving() as receiver:
        broken = make_endpoint(conference, url=receiver.url(), format="slack")
        make_event(broken, kind="event.of.a.later.release")
        own = make_event(make_endpoint(conference, url=receiver.url()))
        WebhookSender().run()
    assert receiver.ids == [own.event.public_id]
    broken.refresh_from_db()
    assert broken.failing_since
    assert not sending.due().exists()


def test_request_that_fails_as_no_one_expects_holds_up_no_other(conference, monkeypatch):
    post = sending.post

    def fail_once(url, **given):
        monkeypatch.setattr(sending, "post", post)
        raise RuntimeError

    monkeypatch.setattr(sending, "post", fail_once)
    monkeypatch.setattr(worker, "AT_ONCE", 1)
    with receiving() as receiver:
        broken = make_endpoint(conference, url=receiver.url())
        make_event(broken)
        own = make_event(make_endpoint(conference, url=receiver.url()))
        WebhookSender().run()
    assert receiver.ids == [own.event.public_id]
    broken.refresh_from_db()
    assert (broken.claim, bool(broken.failing_since)) == ("", True)
