"""Who reads and reviews which campaign: emails to the roster have a permission of their own."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import Viewer, has_site_permission
from conferences.models import Conference
from conferences.roster.access import CHANGE
from conferences.teams.organisers import organisers_of
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.models import Campaign
from voting.campaigns.rules import refusal_to_approve

VIEW, REVIEW, INVITE = "voting.view_campaign", "voting.review_campaign", "voting.send_invitation"
UNPUBLISHED = (Conference.Status.DRAFT, Conference.Status.INACTIVE)
# Those that the help desk sends. Notices to the roster, such as of a move, are sent by the act itself.
TO_ROSTER = [kind.code for kind in KINDS.values() if kind.roster_audience and kind.draft]


def may_read_some(user: Viewer) -> bool:
    """Whether there may be campaigns anywhere that this person reads."""
    return any(user.has_perm(permission) for permission in (VIEW, REVIEW, INVITE))


def permission_to_review(kind: str) -> str:
    return KINDS[kind].permission_to_review


def may_review(user: Viewer, campaign: Campaign) -> bool:
    return bool(user.has_perm(permission_to_review(campaign.kind), campaign))


def readable_by(campaigns: QuerySet[Campaign], user: Viewer) -> QuerySet[Campaign]:
    """As everywhere in the admin, who may review a campaign may look at it."""
    if has_site_permission(user, VIEW) or has_site_permission(user, REVIEW):
        return campaigns
    read, invite = (Conference.objects.managed_by(user, asked) for asked in (VIEW, INVITE))
    # First those of all these conferences, which an index finds.
    found = campaigns.filter(conference__in=(read | invite).values("pk"))
    return found.filter(Q(kind__in=TO_ROSTER) | Q(conference__in=read.values("pk")))


def conferences_with_campaigns(user: Viewer) -> QuerySet[Conference]:
    """Those in which this person reads some."""
    read, review, invite = (Conference.objects.managed_by(user, asked) for asked in (VIEW, REVIEW, INVITE))
    return read | review | invite


def who_can_approve(campaign: Campaign) -> list[User]:
    """Those of the team who may: neither is it in their own words, nor does it promote them."""
    asked = organisers_of(campaign.conference, permission_to_review(campaign.kind))
    return [person for person in asked if not refusal_to_approve(campaign, person)]


def is_ready_for(campaign: Campaign, person: User) -> bool:
    """Whether they wrote it and may approve it, so that it waits for no one else."""
    is_own = campaign.is_waiting() and campaign.requested_by_id == person.pk
    return is_own and may_review(person, campaign) and not refusal_to_approve(campaign, person)


def may_publish(user: Viewer, conference: Conference) -> bool:
    """Whether this person can do what an invitation to this conference waits for."""
    return conference.status in UNPUBLISHED and bool(user.has_perm(CHANGE, conference))


def campaign_for(
    request: HttpRequest, campaigns: QuerySet[Any], campaign_id: int, *, to_review: bool = True
) -> Campaign:
    if not may_read_some(request.user):
        raise PermissionDenied
    campaign: Campaign = get_object_or_404(readable_by(campaigns, request.user), pk=campaign_id)
    if to_review and not may_review(request.user, campaign):
        raise PermissionDenied
    return campaign
