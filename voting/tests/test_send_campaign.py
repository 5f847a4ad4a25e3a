import pytest
from django.core import mail

from accounts.actors import Actor
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.subscriptions import actions as subscriptions
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.elections import actions as voting_actions
from voting.tests.campaigns import approve, dispatch_due, make_campaign, make_members, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(alice):
    return make_campaign(alice)


def addresses():
    return sorted(m.to[0] for m in mail.outbox if m.subject == "Why I should speak")


def test_every_member_gets_the_email_once(campaign, bob, carol, organiser):
    send(campaign, organiser)
    dispatch_due()
    assert addresses() == sorted(m.user.email for m in (campaign.candidate, bob, carol))


def test_finished_campaign_has_no_open_delivery(campaign, bob, organiser):
    send(campaign, organiser)
    assert campaign.status == Campaign.Status.SENT
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_many_chunks_reach_everyone_once(campaign, conference, organiser):
    make_members(conference, 250)
    send(campaign, organiser)
    assert len(addresses()) == len(set(addresses())) == 251


def test_campaign_approved_for_later_waits(campaign, organiser):
    approve(campaign, organiser, send_at=campaign.conference.election.closes_at.replace(microsecond=1))
    campaign.refresh_from_db()
    dispatch_due()
    assert addresses() == []


def test_those_who_want_no_campaigns_get_none(campaign, bob, carol, organiser):
    subscriptions.unsubscribe(conference=bob.conference, by=Actor(bob.user), everywhere=False)
    subscriptions.unsubscribe(conference=carol.conference, by=Actor(carol.user), everywhere=True)
    send(campaign, organiser)
    assert addresses() == [campaign.candidate.user.email]


def test_unsubscribing_after_the_approval_counts(campaign, bob, organiser, settings):
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 1
    approve(campaign, organiser)
    dispatch_due()
    subscriptions.unsubscribe(conference=bob.conference, by=Actor(bob.user), everywhere=False)
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 0
    dispatch_due()
    assert bob.user.email not in addresses()
    assert Delivery.objects.get(recipient=bob).status == "skipped"


def test_undeliverable_address_is_passed_over(campaign, bob, organiser):
    UndeliverableAddress.objects.create(address=bob.user.email, answer="550")
    send(campaign, organiser)
    assert addresses() == [campaign.candidate.user.email]


def test_member_who_left_gets_none(campaign, bob, organiser):
    voting_actions.leave_conference(membership=bob, by=Actor(bob.user))
    send(campaign, organiser)
    assert addresses() == [campaign.candidate.user.email]
