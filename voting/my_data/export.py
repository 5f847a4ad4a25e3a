"""Everything the platform holds about a person, in one JSON document."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.export import account_data, columns_of
from accounts.models import User
from conferences.models import Conference, Membership
from voting.campaigns.models import Campaign, Delivery, UndeliverableAddress, Unsubscription
from voting.elections.models import Decision, Pitch, Vote, WindowChange, WindowRequest


def everything_about(user: User) -> dict[str, Any]:
    memberships = Membership.objects.filter(user=user).select_related("conference").order_by("pk")
    return {
        "exported_at": timezone.now(),
        "account": account_data(user),
        "conferences": [_membership_data(membership) for membership in memberships],
        "unsubscriptions": [columns_of(row) for row in Unsubscription.objects.filter(user=user)],
        "undeliverable": [columns_of(row) for row in UndeliverableAddress.objects.filter(address=user.email)],
        "decisions_taken_as_organiser": [columns_of(row) for row in Decision.objects.filter(decided_by=user)],
        "voting_windows_changed_as_organiser": [
            columns_of(row) for row in WindowChange.objects.filter(Q(by=user) | Q(agreed_by=user))
        ],
        "voting_windows_asked_to_change_as_organiser": [
            columns_of(row) for row in WindowRequest.objects.filter(Q(requested_by=user) | Q(settled_by=user))
        ],
        "conferences_made_as_organiser": [
            {"title": row.title, "created_at": row.created_at}
            for row in Conference.objects.filter(created_by=user)
        ],
        "campaigns_reviewed_as_organiser": [
            {"campaign": row.pk, "status": row.status, "decided_at": row.decided_at, "reason": row.reason}
            for row in Campaign.objects.filter(Q(decided_by=user) | Q(edited_by=user))
        ],
    }


def _membership_data(membership: Membership) -> dict[str, Any]:
    vote = Vote.objects.filter(voter=membership).select_related("candidate__user").first()
    pitch = Pitch.objects.filter(membership=membership).first()
    deliveries = Delivery.objects.filter(recipient=membership).select_related("campaign")
    return {
        "conference": membership.conference.title,
        "membership": columns_of(membership),
        "vote": columns_of(vote) | {"candidate": str(vote.candidate)} if vote else None,
        "pitch": columns_of(pitch) if pitch else None,
        "chosen_as_speaker": [
            columns_of(row, but={"tally"}) for row in Decision.objects.filter(speaker=membership)
        ],
        "campaigns": [columns_of(row) for row in Campaign.objects.filter(candidate=membership)],
        "mails_received": [columns_of(row) | {"subject": row.campaign.subject} for row in deliveries],
    }
