"""Returned emails mark an address as undeliverable, and complaints unsubscribe it."""

import io
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from confbox.kit.bounce_addresses import set_bounce_address
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.tests.returned import OUT_OF_OFFICE, complaint, status_report
from conferences.models import RosterEntry
from voting.campaigns.bounces.taking import Taken, forget_old_bounces, take_bounce
from voting.campaigns.subscriptions.actions import forget_undeliverable
from voting.campaigns.subscriptions.models import ReturnedEmail, UndeliverableAddress
from voting.campaigns.subscriptions.reachability import is_mailbox_unsubscribed, is_undeliverable

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def bounce_address(settings):
    settings.BOUNCE_ADDRESS = "bounces@example.org"


@pytest.fixture
def user(alice):
    return alice.user


def sender_to(address, *, body="Hello", may_mark=True):
    message = EmailMessage("News", body, "site@example.org", [address])
    return set_bounce_address(message, may_mark=may_mark).from_email


def bounce(address, *, sender=None, days_ago=0, named=None, status="5.1.1", **letter):
    """An email to this address that comes back on the day on which it was sent."""
    with time_machine.travel(NOW - timedelta(days=days_ago), tick=False):
        sender = sender or sender_to(address, **letter)
        return take_bounce(raw=status_report(named or address, status=status), sent_to=[sender])


def test_permanent_failure_marks_the_address(user):
    assert bounce(user.email) == Taken.MARKED
    assert is_undeliverable(user)


@pytest.mark.parametrize(("days", "marked"), [([0, 1, 2], True), ([0, 13, 14], True), ([0, 1], False)])
def test_temporary_failures_on_three_days_mark_the_address(user, days, marked):
    for day in sorted(days, reverse=True):
        bounce(user.email, days_ago=day, status="4.2.2")
    assert is_undeliverable(user) == marked


def test_temporary_failures_of_one_day_count_once(user):
    for number in range(4):
        bounce(user.email, body=str(number), status="4.2.2")
    assert not is_undeliverable(user)


def test_temporary_failures_over_more_than_two_weeks_do_not_mark(user):
    for day in (30, 15, 0):
        bounce(user.email, days_ago=day, status="4.2.2")
    assert not is_undeliverable(user)


def test_same_bounce_again_changes_nothing(user):
    assert bounce(user.email) == bounce(user.email) == Taken.MARKED
    assert ReturnedEmail.objects.count() == UndeliverableAddress.objects.count() == 1


def test_bounce_from_before_the_confirmation_does_not_mark_again(user):
    bounce(user.email)
    forget_undeliverable(by=Actor(user))
    bounce(user.email)
    assert not is_undeliverable(user)


@pytest.mark.parametrize("letter", ["ſ", "ı"])
def test_bounce_from_before_the_confirmation_does_not_mark_again_in_another_spelling(user, letter):
    plain = {"ſ": "s", "ı": "i"}[letter]
    bodies = (f"News {n}" for n in range(100))
    sender = next(s for s in (sender_to(user.email, body=b) for b in bodies) if plain in s.partition("+")[2])
    bounce(user.email, sender=sender)
    forget_undeliverable(by=Actor(user))
    name, _, token = sender.partition("+")
    bounce(user.email, sender=f"{name}+{token.replace(plain, letter, 1)}")
    assert not is_undeliverable(user)


def test_token_with_the_digest_of_the_mailbox_is_not_stored(user):
    bounce(user.email)
    assert ReturnedEmail.objects.get().token not in sender_to(user.email)


def test_all_addresses_are_compared_once_for_each_email(user, monkeypatch):
    compared = []
    monkeypatch.setattr("voting.campaigns.bounces.taking._all_addresses", lambda: compared.append(1) or [])
    for _ in range(3):
        bounce(user.email, named="alice@elsewhere.example")
    assert len(compared) == 1


def test_temporary_failures_before_the_confirmation_no_longer_count(user):
    for day in (3, 2):
        bounce(user.email, days_ago=day, status="4.2.2")
    forget_undeliverable(by=Actor(user))
    bounce(user.email, status="4.2.2")
    assert not is_undeliverable(user)


def test_email_sent_after_the_confirmation_marks_again(user):
    bounce(user.email)
    forget_undeliverable(by=Actor(user))
    bounce(user.email, body="The next one")
    assert is_undeliverable(user)


@pytest.mark.parametrize("sender", ["bounces@example.org", "bounces+aaaa@example.org", "x@example.org"])
def test_bounce_without_a_valid_token_does_nothing(user, sender):
    assert bounce(user.email, sender=sender) == Taken.UNKNOWN
    assert not UndeliverableAddress.objects.exists()


def test_token_of_one_mailbox_marks_no_other(user, bob):
    bounce(bob.user.email, sender=sender_to(user.email))
    assert not is_undeliverable(bob.user)


def test_forwarded_email_marks_the_address_that_forwards(user):
    bounce(user.email, named="alice@elsewhere.example")
    assert is_undeliverable(user)


def test_address_with_a_tag_is_found_by_its_mailbox(db):
    user = make_user("dora+conf@example.org")
    bounce(user.email, named="dora@example.org")
    assert is_undeliverable(user)


def test_address_of_the_roster_is_marked(conference):
    RosterEntry.objects.create(conference=conference, email="ada@example.org", mailbox="ada@example.org")
    bounce("ada@example.org")
    assert UndeliverableAddress.objects.get().address == "ada@example.org"


def test_address_that_is_no_longer_here_is_not_stored(db):
    bounce("gone@example.org")
    assert not UndeliverableAddress.objects.exists()


def test_email_to_those_who_have_not_voted_marks_no_address(user):
    """Organisers see marks: one after a reminder would reveal who has not voted."""
    assert bounce(user.email, may_mark=False) == Taken.WITHHELD
    assert not UndeliverableAddress.objects.exists()
    assert not ReturnedEmail.objects.exists()


def test_automatic_reply_does_nothing(user):
    assert take_bounce(raw=OUT_OF_OFFICE, sent_to=[sender_to(user.email)]) == Taken.NOTHING
    assert not ReturnedEmail.objects.exists()


def test_complaint_unsubscribes_from_campaigns(user):
    raw = complaint(sender_to(user.email))
    assert take_bounce(raw=raw, sent_to=["complaints@example.org"]) == Taken.UNSUBSCRIBED
    user.refresh_from_db()
    assert not user.receives_campaigns
    assert not is_undeliverable(user)


def test_complaint_of_one_on_the_roster_unsubscribes_the_mailbox(conference):
    RosterEntry.objects.create(conference=conference, email="ada@example.org", mailbox="ada@example.org")
    take_bounce(raw=complaint(sender_to("ada@example.org"), "ada@example.org"), sent_to=[])
    assert is_mailbox_unsubscribed(mailbox_digest("ada@example.org"))


def test_complaint_without_a_valid_token_unsubscribes_no_one(user):
    assert take_bounce(raw=complaint("bounces+aaaa@example.org"), sent_to=[]) == Taken.UNKNOWN
    user.refresh_from_db()
    assert user.receives_campaigns


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
def test_mark_lasts_ninety_days(user, days, kept):
    bounce(user.email)
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        forget_old_bounces()
    assert is_undeliverable(user) == kept
    assert not ReturnedEmail.objects.exists()


def test_deleted_account_leaves_no_trace_of_its_bounces(user):
    bounce(user.email, status="4.2.2")
    delete_account(by=Actor(user))
    assert ReturnedEmail.objects.get().mailbox == ""


def taken_from_standard_input(monkeypatch, raw, *arguments):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    shown = io.StringIO()
    call_command("take_bounce", *arguments, stdout=shown)
    return shown.getvalue().strip()


def test_command_takes_the_envelope_recipient(monkeypatch, user):
    raw = status_report(user.email, status="5.1.1")
    assert taken_from_standard_input(monkeypatch, raw, sender_to(user.email)) == Taken.MARKED


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_command_finds_the_recipient_in_the_headers(monkeypatch, user, header):
    raw = status_report(user.email, status="5.1.1", headers=f"{header}: <{sender_to(user.email)}>\n")
    assert taken_from_standard_input(monkeypatch, raw) == Taken.MARKED


def test_command_reads_a_large_email_to_its_end(monkeypatch, user):
    raw = status_report(user.email, status="5.1.1") + b"x" * 10_000_000
    assert taken_from_standard_input(monkeypatch, raw, sender_to(user.email)) == Taken.MARKED
    assert sys.stdin.buffer.read() == b""
