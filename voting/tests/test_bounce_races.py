"""Emails that come back while others do, or while their recipient confirms the address or leaves the site."""

from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from confbox.kit.bounce_addresses import set_bounce_address
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.tests.own_database import shared_by_connections
from confbox.kit.tests.returned import complaint, status_report
from confbox.kit.tests.threads import InThread
from voting.campaigns.bounces import taking
from voting.campaigns.bounces.taking import Taken, take_bounce
from voting.campaigns.subscriptions.actions import forget_undeliverable
from voting.campaigns.subscriptions.models import ReturnedEmail, UndeliverableAddress, UnsubscribedMailbox
from voting.campaigns.subscriptions.reachability import is_mailbox_unsubscribed, is_undeliverable
from voting.tests.test_delivery_races import AT_ONCE, together

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = 5
# Longer than an act that waits for nothing takes.
WAIT_SECONDS = 0.7


@pytest.fixture(autouse=True)
def shared(db, settings, tmp_path):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    with shared_by_connections(tmp_path):
        yield


def sender_to(address, days_ago=0):
    with time_machine.travel(timezone.now() - timedelta(days=days_ago)):
        message = EmailMessage("News", "Hello", "site@example.org", [address])
        return set_bounce_address(message, may_mark=True).from_email


def taken_at_once(address, senders, status):
    raw = status_report(address, status=status)
    errors, outcomes = together(lambda n: take_bounce(raw=raw, sent_to=[senders[n % len(senders)]]))
    assert errors == [None] * AT_ONCE
    return set(outcomes)


def test_one_bounce_at_once_counts_once():
    for turn in range(TURNS):
        address = make_user(f"gone{turn}@example.org").email
        assert taken_at_once(address, [sender_to(address)], "5.1.1") == {Taken.MARKED}
        assert ReturnedEmail.objects.count() == UndeliverableAddress.objects.count() == turn + 1


def test_two_bounces_of_one_address_at_once_mark_it_once():
    for turn in range(TURNS):
        address = make_user(f"gone{turn}@example.org").email
        senders = [sender_to(address), sender_to(address, days_ago=1)]
        assert taken_at_once(address, senders, "5.1.1") == {Taken.MARKED}
        assert UndeliverableAddress.objects.filter(address=address).count() == 1


def test_temporary_failures_of_three_days_at_once_mark_the_address():
    for turn in range(TURNS):
        user = make_user(f"full{turn}@example.org")
        taken_at_once(user.email, [sender_to(user.email, days) for days in (3, 2, 1)], "4.2.2")
        assert is_undeliverable(user)


def test_complaints_at_once_unsubscribe_once():
    for turn in range(TURNS):
        user = make_user(f"tired{turn}@example.org")
        raw = complaint(sender_to(user.email), user.email)
        errors, outcomes = together(lambda _n, raw=raw: take_bounce(raw=raw, sent_to=[]))
        assert (errors, set(outcomes)) == ([None] * AT_ONCE, {Taken.UNSUBSCRIBED})
        user.refresh_from_db()
        assert not user.receives_campaigns
        assert is_mailbox_unsubscribed(mailbox_digest(user.email))
        assert UnsubscribedMailbox.objects.count() == turn + 1


def marked_while(act, monkeypatch, user):
    """The owner acts when the bounce has been counted and is about to mark the address."""
    acts, has_acted = Event(), Event()
    mark = taking.mark_undeliverable

    def mark_late(address, words):
        acts.set()
        has_acted.wait(WAIT_SECONDS)
        mark(address, words)

    def act_then():
        acts.wait(10)
        act()
        has_acted.set()

    monkeypatch.setattr(taking, "mark_undeliverable", mark_late)
    owner = InThread(act_then)
    taken_at = InThread(
        lambda: take_bounce(raw=status_report(user.email, status="5.1.1"), sent_to=[sender_to(user.email)])
    )
    assert [taken_at.finish().error, owner.finish().error] == [None, None]
    return UndeliverableAddress.objects.exists()


def test_address_confirmed_while_a_bounce_is_taken_is_not_marked(monkeypatch):
    user = make_user("back@example.org")
    assert not marked_while(lambda: forget_undeliverable(by=Actor(user)), monkeypatch, user)


def test_account_deleted_while_a_bounce_is_taken_leaves_no_mark(monkeypatch):
    user = make_user("leaving@example.org")
    assert not marked_while(lambda: delete_account(by=Actor(user)), monkeypatch, user)


def test_control_without_the_lock_a_confirmed_address_is_marked(monkeypatch):
    monkeypatch.setattr(taking, "_mark", taking._mark.__wrapped__.__wrapped__)
    monkeypatch.setattr(ReturnedEmail.objects, "select_for_update", ReturnedEmail.objects.all)
    user = make_user("back@example.org")
    assert marked_while(lambda: forget_undeliverable(by=Actor(user)), monkeypatch, user)
