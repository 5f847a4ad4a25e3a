"""The organisers remind the members who have not voted. No one learns who they are or how many."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from confbox.kit.coded import coded
from conferences.memberships.models import MembershipQuerySet
from conferences.models import Conference
from voting.campaigns.kinds.kind import (
    CampaignKind,
    Draft,
    SecretAudience,
    too_late_to_begin,
    until_voting_closes,
)
from voting.campaigns.models import Campaign
from voting.elections.election.electorate import ENTITLED
from voting.elections.election.models import VotingState
from voting.elections.tasks import remind_voters_of_void_votes


def not_voted(_campaign: Campaign, members: MembershipQuerySet) -> MembershipQuerySet:
    # Members whose vote is void are left out: their number would show in the sending; they get their own
    # email.
    return members.filter(ENTITLED).filter(vote=None)


def remind_those_whose_vote_is_void(campaign: Campaign) -> None:
    remind_voters_of_void_votes.enqueue(conference_id=campaign.conference_id)


def refusal_unless_open(campaign: Campaign, at: datetime) -> str:
    if refusal := until_voting_closes(campaign, at):
        return refusal
    is_open = campaign.conference.election.state(at) == VotingState.OPEN
    if is_open:
        return ""
    return coded(
        "voting_not_open",
        _("Voting will not be open at that time, so there is nothing to remind members of."),
    )


def _refusal_to_announce(conference: Conference) -> str:
    if refusal := too_late_to_begin(conference):
        return refusal
    earlier = Campaign.objects.filter(conference=conference, kind=Campaign.Kind.REMINDER)
    limit = conference.election.reminder_limit
    if earlier.exclude(status__in=Campaign.NEVER_SENT).count() < limit:
        return ""
    return coded(
        "too_many",
        ngettext(
            "This conference allows %(n)d reminder, and it has been used.",
            "This conference allows %(n)d reminders, and they have all been used.",
            limit,
        )
        % {"n": limit},
    )


NOT_VOTED = SecretAudience(
    recipients=gettext_lazy("Members who have not voted by the time it is sent"),
    before_writing=gettext_lazy(
        "It goes to the members who have not voted by the time it is sent. No one sees who they "
        "are or how many there are."
    ),
    question=gettext_lazy("Send this email to the members who have not voted?"),
    approved=gettext_lazy("Approved for the members who have not voted by the time it is sent."),
    sent=gettext_lazy("The email will be sent to the members who have not voted by then."),
    progress=gettext_lazy(
        "It goes to the members who have not voted. No figures are shown, so that no one learns who they are."
    ),
)
REMINDER = CampaignKind(
    code=Campaign.Kind.REMINDER,
    draft=Draft(
        link=gettext_lazy("Email: reminder"),
        subject=gettext_lazy("Your vote for the speaker of %(conference)s"),
        message=gettext_lazy("You have not voted yet. It takes a minute, and you can change your vote."),
    ),
    audience=not_voted,
    secret_audience=NOT_VOTED,
    origin=gettext_lazy("Voting at %(conference)s"),
    why=gettext_lazy("Sent by the organisers to members who have not voted."),
    action=gettext_lazy("Vote now"),
    refusal_to_send=refusal_unless_open,
    refusal_to_announce=_refusal_to_announce,
    after_start=remind_those_whose_vote_is_void,
)
