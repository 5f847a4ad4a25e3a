"""Sending to a real mail server with scripted replies."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from confbox.kit.bounce_addresses import returned_to
from confbox.kit.tests.mail_servers import serving
from confbox.kit.tests.ports import free_port
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import batches, mailer, worker
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.tests.campaigns import approve, dispatch_due, make_campaign, make_members

pytestmark = pytest.mark.django_db


class Server:
    """Accepts every email; `refuse` replies to a command for one recipient with something else."""

    def __init__(self, extensions=()):
        self.taken, self.answers, self.connections = [], {}, set()
        self.senders, self.extensions = {}, extensions

    def refuse(self, member, answer, verb="RCPT"):
        self.answers[verb, member.user.email] = answer

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{name}" for name in self.extensions), responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(("RCPT", address))
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self.answers.get(("MAIL", ""))
        envelope.mail_from = address
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.get(("DATA", envelope.rcpt_tos[0]))
        if answer == "hang up":
            server.transport.close()
        if answer:
            return answer
        if b"List-Unsubscribe" in envelope.content:
            self.taken.append(envelope.rcpt_tos[0])
            self.connections.add(session.peer)
            self.senders[envelope.rcpt_tos[0]] = envelope.mail_from
        return "250 OK"


@pytest.fixture(params=[(), ("PIPELINING",)], ids=["one by one", "pipelining"])
def server(settings, request):
    with serving(Server(request.param), settings) as handler:
        yield handler


@pytest.fixture
def campaign(alice, bob, carol, organiser):
    return approve(make_campaign(alice), organiser)


def state(member):
    return Delivery.objects.get(recipient=member)


def test_all_emails_of_a_batch_leave_over_one_connection(server, campaign, conference):
    make_members(conference, 50)
    dispatch_due()
    assert len(server.taken) == len(set(server.taken)) == 53
    assert len(server.connections) == 1


def test_each_delivery_has_an_envelope_sender_of_its_own(server, campaign, settings):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    dispatch_due()
    assert len(set(server.senders.values())) == 3
    assert all(returned_to(sender).went_to(address) for address, sender in server.senders.items())


@pytest.mark.parametrize(
    ("columns", "may_mark"), [({}, True), ({"kind": "reminder", "candidate": None}, False)], ids=str
)
def test_what_comes_back_of_a_reminder_marks_no_address(server, campaign, settings, bob, columns, may_mark):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    Campaign.objects.update(subject=campaign.subject, **columns)
    dispatch_due()
    assert returned_to(server.senders[bob.user.email]).may_mark == may_mark


def test_permanent_refusal_is_not_tried_again(server, campaign, bob):
    server.refuse(bob, "550 5.1.1 No such user")
    dispatch_due()
    dispatch_due()
    assert (state(bob).status, state(bob).attempts) == ("failed", 1)
    assert "No such user" in state(bob).error
    assert Campaign.objects.get().status == "sent"


def test_unknown_address_is_marked_undeliverable(server, campaign, bob):
    server.refuse(bob, "550 5.1.1 No such user")
    dispatch_due()
    assert UndeliverableAddress.objects.get().address == bob.user.email


@pytest.mark.parametrize("answer", ["550 5.7.1 Your host is blocked", "554 5.7.26 Not authenticated"])
def test_refusal_of_us_marks_no_address(server, campaign, bob, answer):
    server.refuse(bob, answer)
    dispatch_due()
    assert state(bob).status == "failed"
    assert not UndeliverableAddress.objects.exists()


def test_refused_content_marks_no_address(server, campaign, bob):
    server.refuse(bob, "554 5.6.0 Spam", verb="DATA")
    dispatch_due()
    assert state(bob).status == "failed"
    assert not UndeliverableAddress.objects.exists()


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_later_means_later(server, campaign, bob, verb):
    server.refuse(bob, "451 4.7.1 Greylisted", verb=verb)
    dispatch_due()
    assert (state(bob).status, state(bob).attempts) == ("queued", 1)
    assert state(bob).next_attempt_at > timezone.now() + timedelta(seconds=50)
    server.answers.clear()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        dispatch_due()
    assert state(bob).status == "sent"


def test_later_indefinitely_fails_in_the_end(server, campaign, bob):
    server.refuse(bob, "451 4.7.1 Greylisted")
    dispatch_due()
    for _delay in batches.DELAYS:
        with time_machine.travel(state(bob).next_attempt_at + timedelta(seconds=1)):
            dispatch_due()
    assert (state(bob).status, state(bob).attempts) == ("failed", 5)


def test_line_that_breaks_after_the_text_leaves_a_doubt(server, campaign, bob):
    server.refuse(bob, "hang up", verb="DATA")
    dispatch_due()
    assert state(bob).status == "uncertain"
    assert Campaign.objects.get().rest_until is not None


def test_server_that_is_away_costs_no_attempt(campaign, bob, settings):
    settings.EMAIL_BACKEND = mailer.DJANGOS_SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    dispatch_due()
    assert (state(bob).status, state(bob).attempts) == ("queued", 0)
    assert "refused" in Campaign.objects.get().trouble


def test_sending_rests_longer_with_each_failure(campaign, settings):
    settings.EMAIL_BACKEND = mailer.DJANGOS_SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    now, rests = timezone.now(), []
    for _attempt in range(4):
        with time_machine.travel(now, tick=False):
            dispatch_due()
            rests.append((Campaign.objects.get().rest_until - now).total_seconds())
        now = Campaign.objects.get().rest_until + timedelta(milliseconds=1)
    assert rests == [1, 2, 4, 8]


def test_sending_pauses_after_repeated_failures_and_says_why(campaign, settings):
    settings.EMAIL_BACKEND = mailer.DJANGOS_SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    now = timezone.now()
    for attempt in range(worker.FAILURES):
        with time_machine.travel(now + attempt * timedelta(minutes=2), tick=False):
            dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.failures) == ("paused", worker.FAILURES)
    assert "refused" in campaign.trouble


def test_refused_sender_pauses_at_once(server, campaign):
    server.answers["MAIL", ""] = "550 5.7.1 Sender rejected"
    dispatch_due()
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert "Sender rejected" in campaign.trouble
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}


def test_server_that_ends_its_session_is_called_again(server, campaign):
    server.answers["MAIL", ""] = "421 4.7.0 Too many mails in this session"
    dispatch_due()
    server.answers.clear()
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        dispatch_due()
    assert len(server.taken) == 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_success_forgets_earlier_failures(server, campaign, conference, bob):
    server.refuse(bob, "550 5.1.1 No such user")
    dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.failures, campaign.trouble) == (0, "")


def test_many_refusals_in_a_row_pause_the_sending(server, campaign, conference):
    for member in [*make_members(conference, 60), *conference.memberships.all()]:
        server.refuse(member, "550 5.7.1 Blocked")
    dispatch_due()
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert Delivery.objects.filter(status="failed").count() == worker.FAILURES
