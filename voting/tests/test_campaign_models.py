import pytest
from django.db import IntegrityError, transaction

from voting.campaigns.models import Campaign, Delivery

pytestmark = pytest.mark.django_db


def make_request(membership, **columns):
    return Campaign.objects.create(
        conference=membership.conference,
        candidate=membership,
        requested_by=membership.user,
        subject="Why I should speak",
        **columns,
    )


def test_database_holds_one_open_request_per_member(alice):
    make_request(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_request(alice, status=Campaign.Status.SENDING)


def test_closed_requests_are_many(alice):
    for status in ("sent", "sent", "refused", "withdrawn", "stopped", "requested"):
        make_request(alice, status=status)
    assert Campaign.objects.count() == 6


def test_database_holds_one_delivery_per_recipient(alice, bob):
    campaign = make_request(alice)
    Delivery.objects.create(campaign=campaign, recipient=bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(campaign=campaign, recipient=bob)


def test_message_id_of_a_delivery_is_fixed_and_its_own(alice, bob):
    campaign = make_request(alice)
    first = Delivery(campaign=campaign, recipient=alice)
    second = Delivery(campaign=campaign, recipient=bob)
    assert first.message_id == Delivery(campaign=campaign, recipient=alice).message_id
    assert first.message_id != second.message_id
