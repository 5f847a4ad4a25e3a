"""Returned emails that wait in a mailbox are taken once."""

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

from confbox.kit.bounce_addresses import set_bounce_address
from confbox.kit.returned_emails import READ_BYTES
from confbox.kit.tests.imap_servers import Mailbox, serving_imap
from confbox.kit.tests.ports import free_port
from confbox.kit.tests.returned import OUT_OF_OFFICE, status_report
from voting.campaigns.subscriptions.models import ReturnedEmail
from voting.campaigns.subscriptions.reachability import is_undeliverable

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings, alice):
    """With a bounce of Alice's and an automatic reply."""
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    message = EmailMessage("News", "Hello", "site@example.org", [alice.user.email])
    sender = set_bounce_address(message, may_mark=True).from_email
    raw = status_report(alice.user.email, status="5.1.1", headers=f"Delivered-To: {sender}\n")
    box = Mailbox(raw, OUT_OF_OFFICE)
    with serving_imap(box) as settings.BOUNCE_IMAP:
        yield box


def test_each_email_is_taken_and_marked_as_read(mailbox, alice):
    call_command("read_bounces")
    assert is_undeliverable(alice.user)
    assert mailbox.seen == {1, 2}


def test_emails_that_were_read_are_not_taken_again(mailbox):
    call_command("read_bounces")
    ReturnedEmail.objects.all().delete()
    call_command("read_bounces")
    assert not ReturnedEmail.objects.exists()


def test_email_that_could_not_be_marked_as_read_counts_once(mailbox, alice):
    mailbox.fails_at = "STORE"
    with pytest.raises(CommandError, match="could not be read"):
        call_command("read_bounces")
    mailbox.fails_at = ""
    call_command("read_bounces")
    assert ReturnedEmail.objects.count() == 1
    assert mailbox.seen == {1, 2}


def test_email_that_the_server_did_not_send_stays_unread(mailbox, alice):
    mailbox.refuses = "FETCH"
    with pytest.raises(CommandError, match="could not be read"):
        call_command("read_bounces")
    assert mailbox.seen == set()
    mailbox.refuses = ""
    call_command("read_bounces")
    assert is_undeliverable(alice.user)


def test_only_the_beginning_of_a_large_email_is_read(mailbox, alice):
    mailbox.emails[0] += b"x" * 10_000_000
    call_command("read_bounces")
    assert is_undeliverable(alice.user)
    assert mailbox.most_bytes == READ_BYTES


def test_password_in_the_url_is_decoded(mailbox):
    call_command("read_bounces")
    assert '"pass@word"' in mailbox.log_in


def test_server_that_is_away_gives_a_clear_error(settings):
    settings.BOUNCE_IMAP = f"imap://a:b@127.0.0.1:{free_port()}/INBOX"
    with pytest.raises(CommandError, match="could not be read"):
        call_command("read_bounces")


def test_without_the_setting_the_command_says_what_is_missing(settings):
    settings.BOUNCE_IMAP = ""
    with pytest.raises(CommandError, match="BOUNCE_IMAP is empty"):
        call_command("read_bounces")
