"""Many organisers and many workers at once, each on a connection of its own."""

import threading

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.tests.factories import make_organiser
from confbox.kit.tests.threads import InThread
from conferences.tests.factories import make_conference
from voting.campaigns import actions
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.sending import batches, dispatch
from voting.campaigns.sending.worker import send_one_batch
from voting.tests.campaigns import approve, make_campaign, make_members

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]

APPROVALS = 50
LOCKED = """
SELECT trx_rows_locked FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()
"""


def at_once(call, times):
    """What the call returned in each of this many threads."""
    threads = [InThread(call) for _ in range(times)]
    for thread in threads:
        assert thread.finish().error is None
    return [thread.result for thread in threads]


@pytest.fixture
def campaign(db):
    call_command("loaddata", "roles", verbosity=0)
    members = make_members(make_conference(voting="open"), 30)
    return make_campaign(members[0])


@pytest.fixture
def organiser(db, campaign):
    return make_organiser("organiser@example.org")


def test_fifty_approvals_at_once_make_one_delivery_a_member(campaign, organiser):
    start = threading.Barrier(APPROVALS)

    def approve_and_begin():
        mine = Campaign.objects.select_related("conference", "candidate").get(pk=campaign.pk)
        start.wait()
        try:
            actions.approve_campaign(campaign=mine, version=1, by=Actor(organiser))
            return dispatch.begin_campaign(mine)
        except ValidationError:
            return dispatch.begin_campaign(mine)

    assert at_once(approve_and_begin, APPROVALS).count(True) == 1
    assert Delivery.objects.count() == 30
    assert Delivery.objects.values("recipient").distinct().count() == 30


def test_workers_claim_different_rows_without_waiting(campaign, organiser):
    dispatch.begin_campaign(approve(campaign, organiser))
    campaign.refresh_from_db()
    start = threading.Barrier(6)

    def claim():
        start.wait()
        return [d.pk for d in batches.claim_batch(campaign, 5).deliveries]

    taken = [number for numbers in at_once(claim, 6) for number in numbers]
    assert len(taken) == len(set(taken)) == 30


def test_claim_locks_the_batch_and_nothing_else(campaign, organiser):
    dispatch.begin_campaign(approve(campaign, organiser))
    due = Delivery.objects.filter(
        campaign=campaign, status="queued", next_attempt_at__lte="2100-01-01T00:00:00Z"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        first = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk")
        plan = first.values_list("pk")[:5].explain(format="JSON")
        numbers = list(first.values_list("pk", flat=True)[:5])
        others = at_once(lambda: _free_for_another(due), 1)[0]
        cursor.execute(LOCKED)
        locked = cursor.fetchone()[0]
    assert '"key": "delivery_chunk"' in plan.replace("\\", "")
    assert "filesort" not in plan
    assert locked <= 2 * len(numbers) + 2
    assert others == 25


def _free_for_another(due):
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk")
        return len(free.values_list("pk"))


def test_two_workers_send_each_email_once(campaign, organiser):
    dispatch.begin_campaign(approve(campaign, organiser))

    def work():
        while send_one_batch(campaign.pk):
            pass

    at_once(work, 4)
    addresses = [m.to[0] for m in mail.outbox if m.subject == "Why I should speak"]
    assert len(addresses) == len(set(addresses)) == 30
