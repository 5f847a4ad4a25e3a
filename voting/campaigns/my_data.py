"""A person's campaigns and the emails that they got, for the download and the deletion of their data."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.my_data.erasure import NAMELESS, forget_in_records
from accounts.my_data.export import columns_of
from accounts.my_data.parts import Part
from accounts.profile_parts import ProfilePart
from conferences.models import Membership
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.campaigns.subscriptions.reachability import (
    forget_bounces,
    is_unsubscribed_mailbox,
    returned_emails_to,
    unsubscribed_digests,
)


def export(user: User) -> dict[str, Any]:
    return {
        "unsubscriptions": [columns_of(row) for row in Unsubscription.objects.filter(user=user)],
        "wants_no_invitations": is_unsubscribed_mailbox(user.email, unsubscribed_digests()),
        "undeliverable": [columns_of(row) for row in UndeliverableAddress.objects.filter(address=user.email)],
        "returned_emails": [
            {"sent_on": row.sent_on, "is_hard": row.is_hard} for row in returned_emails_to(user.email)
        ],
        "campaigns_reviewed_as_organiser": [
            {"campaign": row.pk, "status": row.status, "decided_at": row.decided_at, "reason": row.reason}
            for row in Campaign.objects.filter(
                Q(decided_by=user) | Q(edited_by=user), conference__rehearses=None
            )
        ],
    }


def of_membership(membership: Membership) -> dict[str, Any]:
    to_member = Q(recipient=membership) | Q(roster_entry__membership=membership)
    deliveries = Delivery.objects.filter(to_member).select_related("campaign").order_by("pk")
    return {
        "campaigns": [columns_of(row) for row in Campaign.objects.filter(candidate=membership)],
        "emails_received": [columns_of(row) | {"subject": row.campaign.subject} for row in deliveries],
    }


def consequences(user: User) -> dict[str, Any]:
    return {"campaigns": _open_campaigns(user).count()}


def delete(user: User) -> None:
    forget_in_records(Campaign.objects.filter(candidate__user=user))
    _end_campaigns(user)
    _forget_pitches(user)
    forget_bounces(user.email)
    Unsubscription.objects.filter(user=user).delete()


def _open_campaigns(user: User) -> models.QuerySet[Campaign]:
    return Campaign.objects.filter(candidate__user=user, status__in=Campaign.OPEN)


def _end_campaigns(user: User) -> None:
    """Stops what is being sent for the person and deletes what they wrote; that it was sent stays."""
    now, status = timezone.now(), Campaign.Status
    waiting = _open_campaigns(user).filter(status__in=[status.REQUESTED, status.APPROVED])
    waiting.update(status=status.WITHDRAWN, finished_at=now)
    _open_campaigns(user).update(status=status.STOPPED, finished_at=now)
    Campaign.objects.filter(candidate__user=user).update(
        subject=NAMELESS, message="", subject_before_edit="", message_before_edit="", reason="", trouble=""
    )
    to_person = Q(recipient__user=user) | Q(roster_entry__membership__user=user)
    Delivery.objects.filter(to_person).update(error="")


def _forget_pitches(user: User) -> None:
    """Removes this person's pitches from emails, found by ID; a text by others belongs to them."""
    memberships = dict(Membership.objects.filter(user=user).values_list("pk", "conference"))
    emails = Campaign.objects.filter(conference__in=set(memberships.values()))
    for email in emails.exclude(pitches=[]):
        email.pitches = [
            _nameless(pitch) if pitch["member"] in memberships else pitch for pitch in email.pitches
        ]
        email.save(update_fields=["pitches"])


def forget_profession(user: User, parts: Collection[str], _by: Actor) -> None:
    """Once it has been removed from the profile, it is in no email either, sent or not."""
    if ProfilePart.PROFESSION not in parts:
        return
    memberships = dict(Membership.objects.filter(user=user).values_list("pk", "conference"))
    for email in Campaign.objects.filter(conference__in=set(memberships.values())).exclude(pitches=[]):
        email.pitches = [
            pitch | {"profession": ""} if pitch["member"] in memberships else pitch for pitch in email.pitches
        ]
        email.save(update_fields=["pitches"])


def _nameless(pitch: dict[str, Any]) -> dict[str, Any]:
    return {"member": pitch["member"], "name": NAMELESS, "profession": "", "headline": "", "statement": ""}


PART = Part(
    export=export,
    consequences=consequences,
    delete=delete,
    goes="voting/campaigns/my_data/_goes.html",
    stays="voting/campaigns/my_data/_stays.html",
)
