"""What was claimed by a worker that is gone, and tasks that were lost, late or doubled."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from conferences.models import Conference
from voting.campaigns import chunks, dispatch, lanes, sending, tasks
from voting.campaigns.answers import SENT
from voting.models import Campaign, Delivery, Lane
from voting.tests.campaigns import approve, kick, make_campaign, make_members

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


def campaign_mails():
    return [m.to[0] for m in mail.outbox if m.subject == "Why I should speak"]


def test_claimed_mails_of_a_dead_worker_are_sent_by_another(campaign):
    chunks.claim_chunk(campaign, 100)
    with later():
        kick()
    assert len(campaign_mails()) == 3
    assert states() == ["sent"] * 3


def test_claimed_mails_are_left_alone_while_the_lease_lasts(campaign):
    chunks.claim_chunk(campaign, 100)
    kick()
    assert campaign_mails() == []


def test_mail_in_the_hands_of_a_dead_worker_becomes_uncertain(campaign):
    chunk = chunks.claim_chunk(campaign, 100)
    chunks.turn_to(chunk.deliveries[0], after=None)
    with later():
        kick()
    assert states() == ["sent", "sent", "uncertain"]
    assert len(campaign_mails()) == 2


def test_uncertain_mail_does_not_keep_the_campaign_open(campaign):
    chunk = chunks.claim_chunk(campaign, 100)
    chunks.turn_to(chunk.deliveries[0], after=None)
    with later():
        kick()
        kick()
    assert Campaign.objects.get().status == "sent"


def test_worker_that_wakes_up_late_may_not_send_what_others_have(campaign):
    chunk = chunks.claim_chunk(campaign, 100)
    with later():
        chunks.reap(timezone.now())
    assert not chunks.turn_to(chunk.deliveries[0], after=None)


def test_worker_that_wakes_up_late_corrects_the_doubt(campaign):
    chunk = chunks.claim_chunk(campaign, 1)
    chunks.turn_to(chunk.deliveries[0], after=None)
    with later():
        chunks.reap(timezone.now())
    chunks.turn_to(None, after=(chunk.deliveries[0], SENT))
    assert states() == ["queued", "queued", "sent"]


def test_recording_twice_counts_once(campaign):
    first, second = chunks.claim_chunk(campaign, 2).deliveries
    chunks.turn_to(first, after=None)
    assert chunks.turn_to(second, after=(first, SENT))
    assert chunks.turn_to(second, after=(first, SENT))
    assert list(Delivery.objects.filter(status="sent").values_list("attempts", flat=True)) == [1]


def test_lost_task_is_replaced_without_anyones_help(campaign):
    lanes.wake_lanes(campaign, enqueue=lambda **task: None)
    kick()
    assert campaign_mails() == []
    with later():
        kick()
    assert len(campaign_mails()) == 3


def test_waking_twice_makes_one_task(campaign):
    made = []
    lanes.wake_lanes(campaign, enqueue=lambda **task: made.append(task))
    lanes.wake_lanes(campaign, enqueue=lambda **task: made.append(task))
    assert len(made) == 1


def test_no_more_tasks_than_chunks_or_lanes(campaign, conference):
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, recipient=m) for m in make_members(conference, 2000)
    )
    made = []
    lanes.wake_lanes(campaign, enqueue=lambda **task: made.append(task))
    assert len(made) == lanes.LANES


def test_task_of_an_earlier_round_does_nothing(campaign):
    made = []
    lanes.wake_lanes(campaign, enqueue=lambda **task: made.append(task))
    with later():
        lanes.wake_lanes(campaign, enqueue=lambda **task: made.append(task))
    tasks.send_chunk.call(**made[0])
    assert campaign_mails() == []
    tasks.send_chunk.call(**made[1])
    assert len(campaign_mails()) == 3


def test_task_of_a_campaign_that_is_gone_does_nothing(campaign):
    tasks.send_chunk.call(campaign_id=999_999, lane=0, round=1)
    assert campaign_mails() == []


def test_paused_campaign_sends_nothing(campaign):
    Campaign.objects.update(status="paused")
    Lane.objects.create(campaign=campaign, number=0, round=1)
    tasks.send_chunk.call(campaign_id=campaign.pk, lane=0, round=1)
    kick()
    assert campaign_mails() == []


def test_conference_that_is_taken_down_ends_the_sending(campaign):
    Conference.objects.update(status="inactive")
    kick()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.reason) == ("stopped", "The conference is not active.")
    assert states() == ["skipped"] * 3


def test_voting_that_ends_in_the_middle_ends_the_sending(campaign):
    Conference.objects.update(voting_closes_at=timezone.now())
    kick()
    assert Campaign.objects.get().status == "stopped"
    assert campaign_mails() == []


def test_stopped_campaign_gives_claimed_rows_no_second_chance(campaign):
    chunk = chunks.claim_chunk(campaign, 100)
    Campaign.objects.update(status="stopped")
    chunks.give_back(chunk)
    assert states() == ["skipped"] * 3


def test_pause_in_the_middle_of_a_chunk_holds_the_rest(campaign, monkeypatch):
    monkeypatch.setattr(sending, "RENEW_EVERY", -1.0)
    Campaign.objects.filter(pk=campaign.pk).update(status="sending")
    chunk = chunks.claim_chunk(campaign, 100)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert not chunks.renew(chunk)
    chunks.give_back(chunk)
    assert states() == ["queued"] * 3


@pytest.mark.slow
def test_rate_is_kept_over_all_workers(campaign, conference, settings):
    settings.CAMPAIGN_MAILS_PER_MINUTE = 60
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, recipient=m) for m in make_members(conference, 200)
    )
    now = timezone.now()
    for second in range(60):
        with time_machine.travel(now + timedelta(seconds=second), tick=False):
            sending.send_one_chunk(campaign.pk)
            sending.send_one_chunk(campaign.pk)
    assert 55 <= len(campaign_mails()) <= 62
