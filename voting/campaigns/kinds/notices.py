"""The emails of the timetable to members. The site writes them, to each member in their own language."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.clock import database_now
from conferences.local_times import in_zone
from conferences.memberships.models import MembershipQuerySet
from conferences.sharing.calendars import deadline_of
from voting.campaigns.kinds.kind import (
    Attachment,
    CampaignKind,
    names_in,
    no_deadline,
    until_voting_closes,
)
from voting.campaigns.kinds.reminder import (
    NOT_VOTED,
    not_voted,
    refusal_unless_open,
    remind_those_whose_vote_is_void,
)
from voting.campaigns.models import Campaign
from voting.elections.election.electorate import ENTITLED

LATE_AFTER = timedelta(hours=2)


def is_late(due_at: datetime, now: datetime) -> bool:
    return now - due_at > LATE_AFTER


def paragraphs(campaign: Campaign, *texts: str) -> str:
    """The message, which says so if the email is late: when it is written, not when it was begun."""
    says_so = campaign.due_at is not None and is_late(campaign.due_at, database_now())
    late = _("This email is late: it was due on %(time)s.")
    times = {"time": in_zone(campaign.conference, campaign.due_at)}
    return "\n\n".join([*texts, *([late % times] if says_so else [])])


def _deadline(campaign: Campaign) -> dict[str, str]:
    return {"closes": in_zone(campaign.conference, campaign.conference.election.closes_at)}


def _opened_subject(campaign: Campaign) -> str:
    return _("Voting at %(conference)s has opened") % names_in(campaign)


def _opened_message(campaign: Campaign) -> str:
    return paragraphs(
        campaign,
        _("You can now vote for the speaker. Voting closes on **%(closes)s**.") % _deadline(campaign),
        _("It takes a minute, and you can change your vote until then."),
    )


def _who_may_vote(_campaign: Campaign, members: MembershipQuerySet) -> MembershipQuerySet:
    return members.filter(ENTITLED)


OPENED = CampaignKind(
    code=Campaign.Kind.OPENED,
    is_notice=True,
    subject=_opened_subject,
    message=_opened_message,
    audience=_who_may_vote,
    origin=gettext_lazy("Voting at %(conference)s"),
    why=gettext_lazy("Sent to every member who may vote when voting opens."),
    action=gettext_lazy("Vote now"),
    deadline=no_deadline,
    refusal_to_send=until_voting_closes,
)


def _closes_soon_subject(campaign: Campaign) -> str:
    return _("Voting at %(conference)s closes soon") % names_in(campaign)


def _closes_soon_message(campaign: Campaign) -> str:
    return paragraphs(
        campaign,
        _("You have not voted yet, and voting closes on **%(closes)s**.") % _deadline(campaign),
        _(
            "It takes a minute, and you can change your vote until then. The deadline is attached for "
            "your calendar."
        ),
    )


def _deadline_file(campaign: Campaign) -> list[Attachment]:
    return [("voting-closes.ics", deadline_of(campaign.conference), "text/calendar")]


CLOSES_SOON = CampaignKind(
    code=Campaign.Kind.CLOSES_SOON,
    is_notice=True,
    subject=_closes_soon_subject,
    message=_closes_soon_message,
    attachments=_deadline_file,
    audience=not_voted,
    secret_audience=NOT_VOTED,
    origin=gettext_lazy("Voting at %(conference)s"),
    why=gettext_lazy("Sent once, before voting closes, to members who have not voted."),
    action=gettext_lazy("Vote now"),
    deadline=no_deadline,
    refusal_to_send=refusal_unless_open,
    after_start=remind_those_whose_vote_is_void,
)
