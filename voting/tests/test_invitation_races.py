"""One link clicked many times, and many workers and organisers at once, each on a connection of its own."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences import matching
from conferences.models import Membership, RosterEntry
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import imported
from voting.campaigns import actions
from voting.campaigns.invitations.actions import accept_invitation, resend_invitation
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import dispatch
from voting.campaigns.sending.worker import send_one_batch
from voting.campaigns.subscriptions.models import UnsubscribedMailbox
from voting.campaigns.tokens import mailbox_token
from voting.tests.campaigns import approve
from voting.tests.invitations import FORM, invite, make_invited, path_of, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]

CLICKS = 20


def at_once(call, times=CLICKS):
    """What the call returned or raised in each of this many threads; each is given its number."""
    ready = Barrier(times)

    def begin(number):
        ready.wait(20)
        return call(number)

    threads = [InThread(lambda n=n: begin(n)) for n in range(times)]
    return [thread.finish().error or thread.result for thread in threads]


@pytest.fixture
def conference(db):
    return make_conference(title="Open Conf", slug="open-conf", voting="open")


@pytest.fixture
def organiser(conference):
    call_command("loaddata", "roles", verbosity=0)
    return make_organiser("organiser@example.org")


def test_a_link_that_is_clicked_twenty_times_at_once_makes_one_account_and_one_member(conference):
    url = path_of(make_invited(conference))
    answers = at_once(lambda _n: Client(raise_request_exception=False).post(url, FORM))
    assert {answer.status_code for answer in answers} <= {200, 302, 503}
    person = User.objects.get()
    assert EmailAddress.objects.get(user=person).verified
    assert Membership.objects.get().user == person
    assert RosterEntry.objects.get().membership.user == person
    assert [answer.url for answer in answers if answer.status_code == 302].count(
        "/conferences/open-conf/"
    ) == 1
    assert sum("_auth_user_id" in answer.client.session for answer in answers) == 1


def join_at_once(conference):
    """As many people as there are clicks, each with an account of their own, accept one invitation."""
    entry = make_invited(conference)
    people = [make_user(f"person{n}@example.org") for n in range(CLICKS)]
    found = at_once(lambda n: accept_invitation(entry=entry, by=Actor(people[n])))
    strange = [x for x in found if not isinstance(x, Membership | ValidationError)]
    assert strange == []
    return [membership for membership in found if isinstance(membership, Membership)]


def test_one_invitation_admits_one_of_twenty_people(conference):
    admitted = join_at_once(conference)
    assert len(admitted) == Membership.objects.count() == 1
    assert RosterEntry.objects.get().membership == admitted[0]


def test_control_a_look_before_the_claim_admits_several(conference, monkeypatch):
    meeting = Barrier(CLICKS)

    def look_then_claim(entry, membership, **_options):
        is_free = RosterEntry.objects.filter(pk=entry.pk, membership=None).exists()
        meeting.wait(20)
        if is_free:
            RosterEntry.objects.filter(pk=entry.pk).update(membership=membership)
        return is_free

    monkeypatch.setattr(matching, "_is_claimed", look_then_claim)
    join_at_once(conference)
    assert Membership.objects.count() > 1


def test_fifty_approvals_at_once_make_one_delivery_an_entry(conference, organiser):
    imported(conference, "\n".join(f"person{n}@example.org" for n in range(30)))
    campaign = write(conference, organiser)

    def approve_and_begin(_number):
        mine = Campaign.objects.select_related("conference__election").get(pk=campaign.pk)
        with suppress(ValidationError):
            actions.approve_campaign(campaign=mine, version=1, by=Actor(organiser))
        return dispatch.begin_campaign(mine)

    assert at_once(approve_and_begin, 50).count(True) == 1
    assert Delivery.objects.values("roster_entry").distinct().count() == Delivery.objects.count() == 30


def test_workers_at_once_invite_each_entry_once(conference, organiser):
    imported(conference, "\n".join(f"person{n}@example.org" for n in range(60)))
    campaign = approve(write(conference, organiser), organiser)
    dispatch.begin_campaign(campaign)

    def work(_number):
        while send_one_batch(campaign.pk):
            pass

    assert at_once(work, 4) == [None] * 4
    addresses = [m.to[0] for m in mail.outbox if "invitation" in m.subject]
    assert len(addresses) == len(set(addresses)) == 60
    assert RosterEntry.objects.invited().count() == 60


def test_an_invitation_resent_by_several_at_once_is_sent_once_more(conference, organiser):
    imported(conference, "ada@example.org")
    invite(conference, organiser)
    Delivery.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    entry = RosterEntry.objects.get()
    found = at_once(lambda _n: resend_invitation(entry=entry, by=Actor(organiser)), 8)
    assert found.count(Change.MADE) == 1
    assert Delivery.objects.get().resends == 1


def test_unsubscribing_a_mailbox_at_once_is_one_unsubscription(db):
    url, form = f"/unsubscribe/{mailbox_token('ada@example.org')}/", {"List-Unsubscribe": "One-Click"}
    answers = at_once(lambda _n: Client(raise_request_exception=False).post(url, form), 8)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert UnsubscribedMailbox.objects.get().digest == mailbox_digest("ada@example.org")
