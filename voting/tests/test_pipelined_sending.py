"""Mail servers that accept several commands at once, and what they see of an email before it is begun."""

import re
import socket
import threading
from contextlib import contextmanager, suppress

import pytest
import time_machine

from confbox.kit.email_patterns import written_by_django
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import batches, mailer
from voting.tests.campaigns import approve, dispatch_due, make_campaign

pytestmark = pytest.mark.django_db

BOUNDARY = re.compile(rb"\b[0-9a-f]{32}\b")


class Server(threading.Thread):
    """Logs what it reads at once. It refuses the recipients in `refused`, but asks for their email anyway."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.read, self.emails, self.refused, self.recipient = [], [], set(), ""

    def run(self):
        while True:
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return
            with peer, suppress(ConnectionError):
                self.talk(peer)

    def talk(self, peer):
        peer.sendall(b"220 ready\r\n")
        while read := peer.recv(65536):
            self.read.append(read)
            for command in self.commands(read, peer):
                peer.sendall(self.answer(command))

    def commands(self, read, peer):
        for line in read.split(b"\r\n")[:-1]:
            yield line
            if line == b"data":
                content = b""
                while content != b".\r\n" and not content.endswith(b"\r\n.\r\n"):
                    more = peer.recv(65536)
                    if not more:
                        return
                    content += more
                self.emails.append((self.recipient, content))
                yield b"content"

    def answer(self, command):
        if command.startswith(b"ehlo"):
            return b"250-ready\r\n250 PIPELINING\r\n"
        if command.startswith(b"rcpt"):
            self.recipient = command.partition(b"<")[2].partition(b">")[0].decode()
            return b"550 5.1.1 No such user\r\n" if self.recipient in self.refused else b"250 OK\r\n"
        if command == b"content" and self.recipient in self.refused:
            return b"554 5.5.1 No recipients\r\n"
        return {b"data": b"354 go on\r\n", b"quit": b"221 bye\r\n"}.get(command, b"250 OK\r\n")


@contextmanager
def serving(settings):
    server = Server()
    server.start()
    settings.EMAIL_BACKEND = mailer.DJANGOS_SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()


@pytest.fixture
def server(settings):
    with serving(settings) as server:
        yield server


@pytest.fixture
def campaign(alice, bob, carol, organiser):
    return approve(make_campaign(alice, message="Because **I** can.\n\n.\n\n.. and more"), organiser)


def of_campaign(server):
    return [(to, content) for to, content in server.emails if b"List-Unsubscribe" in content]


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def test_commands_before_an_email_leave_together(server, campaign):
    dispatch_due()
    together = [read for read in server.read if read.lower().startswith(b"mail from")]
    assert len([read for read in together if read.endswith(b"\r\ndata\r\n")]) == 3


def test_lines_that_are_a_dot_do_not_end_the_email(server, campaign):
    dispatch_due()
    for _to, content in of_campaign(server):
        assert b"\r\n..\r\n" in content
        assert b"\r\n... and more\r\n" in content
        assert content.count(b"\r\n.\r\n") == 1
    assert len(of_campaign(server)) == 3


def test_email_is_not_sent_to_a_refused_recipient_that_the_server_asks_for(server, campaign, bob):
    server.refused.add(bob.user.email)
    dispatch_due()
    assert (bob.user.email, b".\r\n") in server.emails
    assert bob.user.email not in dict(of_campaign(server))
    assert len(of_campaign(server)) == 2
    assert "No such user" in Delivery.objects.get(recipient=bob).error


def test_email_of_a_delivery_that_is_lost_meanwhile_does_not_leave(server, campaign, bob, monkeypatch):
    """The lease ended: another worker may send it by now."""
    taken = mailer.SmtpMailer.prepare

    def prepare(self, delivery):
        taken(self, delivery)
        if delivery.recipient_id == bob.pk:
            Delivery.objects.filter(pk=delivery.pk).update(claim="another worker's")

    monkeypatch.setattr(mailer.SmtpMailer, "prepare", prepare)
    dispatch_due()
    assert bob.user.email not in dict(of_campaign(server))
    assert len(of_campaign(server)) == 2
    assert statuses().count("sent") == 2


def test_worker_that_dies_before_an_email_is_begun_leaves_it_claimed(server, campaign):
    """What the mail server has heard of it by then is no email."""
    Campaign.objects.filter(pk=campaign.pk).update(status="sending")
    Delivery.objects.create(campaign=campaign, recipient=campaign.candidate)
    batch = batches.claim_batch(campaign, 1)
    connection = mailer.mailer_for(batch.campaign)
    connection.open()
    connection.prepare(batch.deliveries[0])
    assert statuses() == ["claimed"]
    connection.smtp.connection.close()
    assert of_campaign(server) == []


@pytest.mark.parametrize("name", ["Bob", "Bób 🎤", "B.\nBcc: eve@example.org", ""], ids=repr)
@pytest.mark.parametrize("kind", ["promotion", "reminder", "result"])
@pytest.mark.parametrize("address", ["bob@example.org", '"b, ob"@example.org', f"{'b' * 64}@example.org"])
def test_bytes_for_a_mail_server_are_those_that_django_writes(alice, bob, kind, name, address):
    campaign = make_campaign(alice)
    campaign.kind = kind
    bob.user.name, bob.user.email = name, address
    emails, delivery = CampaignEmails(campaign), Delivery(campaign=campaign, recipient=bob)
    with time_machine.travel("2026-11-28T08:00Z", tick=False):
        # The first of its kind is a pattern for the others.
        emails.writer_to(Delivery(campaign=campaign, recipient=alice))("<1@example.org>", {})
        written = emails.writer_to(delivery)(delivery.message_id, {})
        expected = written_by_django(emails.to(delivery))
    assert BOUNDARY.sub(b"", written) == BOUNDARY.sub(b"", expected)
