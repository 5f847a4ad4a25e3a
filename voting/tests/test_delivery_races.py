"""What members, mail servers and workers do to the recipients of campaigns at the same time."""

from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test import Client

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.threads import InThread
from conferences.mailboxes import remember_excluded
from conferences.memberships.models import ExcludedMailbox
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.actions import request_campaign
from voting.campaigns.models import Campaign
from voting.campaigns.sending import slots
from voting.campaigns.sending.batches import mark_undeliverable
from voting.campaigns.sending.models import Pace, SendingSlot
from voting.campaigns.sending.pace import take_turn
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.campaigns.tokens import unsubscribe_token
from voting.elections.exclusions import exclude_member
from voting.tests.campaigns import make_campaign

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]

AT_ONCE = 8


def together(call, times=AT_ONCE):
    """The errors and results of this many threads that start together; each is given its number."""
    ready = Barrier(times)

    def begin(number):
        ready.wait(10)
        return call(number)

    threads = [InThread(lambda n=n: begin(n)).finish for n in range(times)]
    finished = [finish() for finish in threads]
    return [thread.error for thread in finished], [thread.result for thread in finished]


@pytest.fixture
def alice(db):
    return make_membership(make_conference(voting="open"), name="Alice")


def test_unsubscribing_at_once_is_one_unsubscription(alice):
    url, form = f"/unsubscribe/{unsubscribe_token(alice.pk)}/", {"List-Unsubscribe": "One-Click"}
    for _ in range(5):
        errors, answers = together(lambda _n: Client(raise_request_exception=False).post(url, form))
        assert errors == [None] * AT_ONCE
        assert [answer.status_code for answer in answers] == [200] * AT_ONCE
        assert Unsubscription.objects.count() == 1
        Unsubscription.objects.all().delete()


def test_an_address_refused_by_several_mail_servers_at_once_is_marked_once(db):
    for turn in range(5):
        address = f"gone{turn}@example.org"
        errors, _ = together(lambda n, a=address: mark_undeliverable(a, f"550 no such user ({n})"))
        assert errors == [None] * AT_ONCE
        assert UndeliverableAddress.objects.filter(address=address).count() == 1


def test_control_a_lock_on_the_row_that_others_add_makes_them_wait_for_each_other(db):
    def mark(number):
        defaults = {"answer": f"550 no such user ({number})"}
        UndeliverableAddress.objects.update_or_create(address="gone@example.org", defaults=defaults)

    found = set()
    for _ in range(10):
        UndeliverableAddress.objects.all().delete()
        found |= {type(error) for error in together(mark)[0]}
    assert OperationalError in found


def test_workers_that_take_the_first_turn_at_once_all_go_on(db, settings):
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 60_000
    for _ in range(5):
        Pace.objects.all().delete()
        errors, _sizes = together(lambda _n: take_turn())
        assert errors == [None] * AT_ONCE
        assert Pace.objects.count() == 1


def test_workers_that_begin_a_campaign_at_once_share_its_slots(alice):
    campaign = make_campaign(alice)
    errors, found = together(lambda _n: [slot.number for slot in slots._slots(campaign)])
    assert errors == [None] * AT_ONCE
    assert found == [list(range(slots.SLOTS_PER_CAMPAIGN))] * AT_ONCE
    assert SendingSlot.objects.count() == slots.SLOTS_PER_CAMPAIGN


def test_a_member_who_asks_twice_at_once_has_one_open_request(alice):
    make_membership(alice.conference)

    def ask(number):
        return request_campaign(
            membership=alice, subject=f"Queues {number}", message="They are long.", by=Actor(alice.user)
        )

    errors, _ = together(ask)
    assert [type(error) for error in errors if error] == [ValidationError] * (AT_ONCE - 1)
    assert Campaign.objects.count() == 1


def test_accounts_of_one_mailbox_excluded_at_once_are_remembered_once(alice):
    members = [
        make_membership(alice.conference, user=make_user(f"dora+{n}@example.org")) for n in range(AT_ONCE)
    ]
    errors, _ = together(
        lambda n: exclude_member(membership=members[n], by=Actor.of_command(), reason="One person")
    )
    assert errors == [None] * AT_ONCE
    assert ExcludedMailbox.objects.count() == 1


def test_a_mailbox_remembered_by_several_at_once_is_remembered_once(alice):
    errors, _ = together(lambda _n: remember_excluded(alice))
    assert errors == [None] * AT_ONCE
    assert ExcludedMailbox.objects.count() == 1
