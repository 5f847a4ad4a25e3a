"""Why a campaign may not be requested, approved or sent now, in words; empty if it may."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.linked_addresses import has_confirmed_address
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.campaigns.kinds.kind import OVER
from voting.campaigns.kinds.registry import KINDS, kind_of
from voting.campaigns.models import Campaign
from voting.elections.models import Pitch


def refusal_to_ask(membership: Membership, now: datetime | None = None) -> str:
    now = now or database_now()
    return (
        _refusal_of_person(membership)
        or _refusal_of_conference(membership.conference, now)
        or _refusal_of_history(membership, now)
    )


def _refusal_of_person(membership: Membership) -> str:
    if membership.left_at or not membership.user.is_active:
        return coded("members_only", _("Only current members can ask for a campaign."))
    if not membership.accepts_votes:
        return coded(
            "opted_out",
            _(
                "A campaign asks members to vote for you, but you have opted out of being voted for. Opt in "
                "again first."
            ),
        )
    if membership.is_pitch_hidden:
        return coded(
            "pitch_hidden",
            _(
                "The organisers have hidden your pitch, so members cannot vote for you. Ask for it to be "
                "shown again first."
            ),
        )
    if Pitch.objects.covered().filter(membership=membership).exists():
        return coded(
            "pitch_being_checked",
            _("The organisers are checking your pitch. Ask again when they have decided."),
        )
    if not (membership.wants_to_be_listed or membership.has_pitch):
        return coded(
            "no_pitch",
            _(
                "You chose not to be shown to other members, so they cannot vote for you. Write a pitch "
                "first: candidates with a pitch are always shown."
            ),
        )
    if not has_confirmed_address(membership.user):
        return coded(
            "address_not_confirmed",
            _("Please confirm your email address first; then you can ask for a campaign."),
        )
    return ""


def _refusal_of_conference(conference: Conference, now: datetime) -> str:
    if conference.status != Conference.Status.ACTIVE or conference.is_over(now):
        return coded("conference_not_active", _("This conference is not active, so there are no campaigns."))
    if conference.election.state(now) in OVER:
        return coded("voting_over", _("Voting is over, so a campaign would come too late."))
    if not conference.election.campaigns_per_candidate:
        return coded("campaigns_off", _("The organisers of this conference do not allow campaigns."))
    return ""


def _refusal_of_history(membership: Membership, now: datetime) -> str:
    mine = Campaign.objects.filter(candidate=membership)
    if mine.filter(status__in=Campaign.OPEN).exists():
        return coded("campaign_waiting", _("You already have an open request for this conference."))
    used = mine.exclude(status__in=Campaign.NEVER_SENT).order_by("-started_at")
    limit = membership.conference.election.campaigns_per_candidate
    if len(used) >= limit:
        return coded(
            "too_many",
            ngettext(
                "You have had %(n)d campaign, which is all that the organisers allow here.",
                "You have had %(n)d campaigns, which is all that the organisers allow here.",
                len(used),
            )
            % {"n": len(used)},
        )
    return _refusal_of_gap(membership.conference, used[0].started_at if used else None, now)


def _refusal_of_gap(conference: Conference, last: datetime | None, now: datetime) -> str:
    free_at = last + timedelta(hours=conference.election.campaign_gap_hours) if last else now
    if free_at <= now:
        return ""
    return coded(
        "campaign_too_early",
        _("Your last campaign was too recent. You can ask for the next one from %(time)s.")
        % {"time": in_zone(conference, free_at)},
    )


def refusal_to_send(campaign: Campaign, at: datetime | None = None) -> str:
    """Why this campaign may not be sent at that time."""
    return kind_of(campaign).refusal_to_send(campaign, at or database_now())


def refusal_to_announce(conference: Conference, kind: str) -> str:
    return KINDS[kind].refusal_to_announce(conference)


def refusal_to_approve(campaign: Campaign, by: User) -> str:
    """Why this organiser may not approve it: no one approves their own words, or what promotes themselves."""
    if campaign.candidate and campaign.candidate.user_id == by.pk:
        return coded(
            "another_person_needed",
            _("You cannot approve a campaign for yourself. Please ask another organiser."),
        )
    pitches = {pitch["member"] for pitch in campaign.pitches}
    if Membership.objects.filter(user=by, pk__in=pitches).exists():
        return coded(
            "another_person_needed",
            _("Your own pitch is in this email, so another organiser has to approve it."),
        )
    wrote = by.pk in {campaign.requested_by_id, campaign.edited_by_id, *campaign.authors}
    if wrote and not campaign.is_standard_text:
        return coded(
            "another_person_needed", _("You wrote part of this text, so another organiser has to approve it.")
        )
    return kind_of(campaign).refusal_to_approve(campaign)
