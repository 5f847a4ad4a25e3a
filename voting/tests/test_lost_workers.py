"""Deliveries claimed by a worker that is gone, and tasks that were lost, late or duplicated."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from conferences.models import Conference
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import batches, dispatch, slots, tasks, worker
from voting.campaigns.sending.models import SendingSlot
from voting.campaigns.sending.outcomes import SENT
from voting.elections.election.models import Election
from voting.tests.campaigns import approve, dispatch_due, make_campaign, make_members

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(alice, bob, carol, organiser):
    campaign = approve(make_campaign(alice), organiser)
    dispatch.begin_campaign(campaign)
    campaign.refresh_from_db()
    mail.outbox.clear()
    return campaign


def later(seconds=121):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def states():
    return sorted(Delivery.objects.values_list("status", flat=True))


def campaign_emails():
    return [m.to[0] for m in mail.outbox if m.subject == "Why I should speak"]


def test_claimed_emails_of_a_dead_worker_are_sent_by_another(campaign):
    batches.claim_batch(campaign, 100)
    with later():
        dispatch_due()
    assert len(campaign_emails()) == 3
    assert states() == ["sent"] * 3


def test_claimed_emails_are_left_alone_while_the_lease_lasts(campaign):
    batches.claim_batch(campaign, 100)
    dispatch_due()
    assert campaign_emails() == []


def test_email_in_the_hands_of_a_dead_worker_becomes_uncertain(campaign):
    batch = batches.claim_batch(campaign, 100)
    batches.turn_to(batch.deliveries[0], after=None)
    with later():
        dispatch_due()
    assert states() == ["sent", "sent", "uncertain"]
    assert len(campaign_emails()) == 2


def test_uncertain_email_does_not_keep_the_campaign_open(campaign):
    batch = batches.claim_batch(campaign, 100)
    batches.turn_to(batch.deliveries[0], after=None)
    with later():
        dispatch_due()
        dispatch_due()
    assert Campaign.objects.get().status == "sent"


def test_worker_that_wakes_up_late_may_not_send_what_others_have(campaign):
    batch = batches.claim_batch(campaign, 100)
    with later():
        batches.requeue_lost(timezone.now())
    assert not batches.turn_to(batch.deliveries[0], after=None)


def test_worker_that_wakes_up_late_corrects_the_doubt(campaign):
    batch = batches.claim_batch(campaign, 1)
    batches.turn_to(batch.deliveries[0], after=None)
    with later():
        batches.requeue_lost(timezone.now())
    batches.turn_to(None, after=(batch.deliveries[0], SENT))
    assert states() == ["queued", "queued", "sent"]


def test_recording_twice_counts_once(campaign):
    first, second = batches.claim_batch(campaign, 2).deliveries
    batches.turn_to(first, after=None)
    assert batches.turn_to(second, after=(first, SENT))
    assert batches.turn_to(second, after=(first, SENT))
    assert list(Delivery.objects.filter(status="sent").values_list("attempts", flat=True)) == [1]


def test_lost_task_is_replaced_without_anyones_help(campaign):
    slots.wake_idle_slots(campaign, enqueue=lambda **task: None)
    dispatch_due()
    assert campaign_emails() == []
    with later():
        dispatch_due()
    assert len(campaign_emails()) == 3


def test_waking_twice_makes_one_task(campaign):
    made = []
    slots.wake_idle_slots(campaign, enqueue=lambda **task: made.append(task))
    slots.wake_idle_slots(campaign, enqueue=lambda **task: made.append(task))
    assert len(made) == 1


def test_no_more_tasks_than_batches_or_slots(campaign, conference):
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, recipient=m) for m in make_members(conference, 2000)
    )
    made = []
    slots.wake_idle_slots(campaign, enqueue=lambda **task: made.append(task))
    assert len(made) == slots.SLOTS_PER_CAMPAIGN


def test_task_of_an_earlier_round_does_nothing(campaign):
    made = []
    slots.wake_idle_slots(campaign, enqueue=lambda **task: made.append(task))
    with later():
        slots.wake_idle_slots(campaign, enqueue=lambda **task: made.append(task))
    tasks.send_batch.call(**made[0])
    assert campaign_emails() == []
    tasks.send_batch.call(**made[1])
    assert len(campaign_emails()) == 3


def test_task_of_a_campaign_that_is_gone_does_nothing(campaign):
    tasks.send_batch.call(campaign_id=999_999, slot=0, round=1)
    assert campaign_emails() == []


def test_paused_campaign_sends_nothing(campaign):
    Campaign.objects.update(status="paused")
    SendingSlot.objects.create(campaign=campaign, number=0, round=1)
    tasks.send_batch.call(campaign_id=campaign.pk, slot=0, round=1)
    dispatch_due()
    assert campaign_emails() == []


def test_conference_that_is_taken_down_ends_the_sending(campaign):
    Conference.objects.update(status="inactive")
    dispatch_due()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.reason) == ("stopped", "The conference is not active.")
    assert states() == ["skipped"] * 3


def test_voting_that_ends_in_the_middle_ends_the_sending(campaign):
    Election.objects.update(closes_at=timezone.now())
    dispatch_due()
    assert Campaign.objects.get().status == "stopped"
    assert campaign_emails() == []


def test_stopped_campaign_gives_claimed_rows_no_second_chance(campaign):
    batch = batches.claim_batch(campaign, 100)
    Campaign.objects.update(status="stopped")
    batches.give_back(batch)
    assert states() == ["skipped"] * 3


def test_pause_in_the_middle_of_a_batch_holds_the_rest(campaign, monkeypatch):
    monkeypatch.setattr(worker, "RENEW_EVERY", -1.0)
    Campaign.objects.filter(pk=campaign.pk).update(status="sending")
    batch = batches.claim_batch(campaign, 100)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert not batches.renew(batch)
    batches.give_back(batch)
    assert states() == ["queued"] * 3


def test_rate_is_kept_over_all_workers(campaign, conference, settings, monkeypatch):
    settings.CAMPAIGN_EMAILS_PER_MINUTE = 60
    # The clock stands still while a worker waits, so nothing is gained by really waiting.
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, recipient=m) for m in make_members(conference, 200)
    )
    now = timezone.now()
    for second in range(60):
        with time_machine.travel(now + timedelta(seconds=second), tick=False):
            worker.send_one_batch(campaign.pk)
            worker.send_one_batch(campaign.pk)
    assert 55 <= len(campaign_emails()) <= 62
