import pytest

from accounts.actors import Actor
from conferences.models import Conference
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending.dispatch import begin_campaign
from voting.elections import actions
from voting.elections.receipts.models import PublishedBallots
from voting.tests.factories import close_and_decide, make_vote


@pytest.fixture
def decision(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    actions.close_voting(conference=conference)
    return close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Clear.")


def test_members_are_not_notified_before_the_speaker_accepts(decision):
    assert not Campaign.objects.exists()


def test_members_are_notified_once_the_speaker_accepts(decision, organiser):
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    campaign = Campaign.objects.get()
    assert (campaign.kind, campaign.status, campaign.decided_by) == ("result", "approved", organiser)
    assert campaign.subject == "Bob will speak at Open Conf"
    for words in ("1 of 3 members voted.", "Clear.", PublishedBallots.objects.get().digest):
        assert words in campaign.message


def test_every_member_gets_it_once(decision):
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert begin_campaign(Campaign.objects.get()) is True
    assert begin_campaign(Campaign.objects.get()) is False
    assert Delivery.objects.count() == 3


def test_accepting_twice_tells_once(decision):
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert Campaign.objects.count() == 1


def test_members_are_not_notified_of_a_decline(decision):
    actions.answer_decision(decision=decision, accept=False, by=Actor(decision.speaker.user))
    assert not Campaign.objects.exists()


def test_where_it_may_not_be_sent_it_waits_for_review(decision):
    Conference.objects.update(status="inactive")
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert Campaign.objects.get().status == "requested"
