"""The organisers invite those on the roster who have not joined, each by a link of their own."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.clock import database_now
from confbox.kit.coded import coded
from conferences.local_times import days_of, end_in_zone, in_zone
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference
from voting.campaigns.kinds.kind import CampaignKind, Draft, while_active
from voting.campaigns.models import Campaign
from voting.campaigns.tokens import link_ends_at

REMINDER_GAP = timedelta(days=1)
CODES = [Campaign.Kind.INVITATION, Campaign.Kind.JOIN_REMINDER]


def _listed(_campaign: Campaign, entries: RosterEntryQuerySet) -> RosterEntryQuerySet:
    return entries.listed()


def _invited(_campaign: Campaign, entries: RosterEntryQuerySet) -> RosterEntryQuerySet:
    return entries.invited()


def _on_the_roster_page(_conference: Conference) -> bool:
    """The roster has the link, not the desk."""
    return False


def _refusal_to_send(campaign: Campaign, at: datetime) -> str:
    if refusal := while_active(campaign, at):
        return refusal
    is_over = campaign.conference.is_over(at)
    return (
        coded("conference_over", _("The conference will be over by then, so no one could join it."))
        if is_over
        else ""
    )


def why_not_joinable(conference: Conference) -> str:
    """Why no one can be invited to this conference now, whatever the roster is; empty if they can."""
    if conference.is_over(conference.as_of or database_now()):
        return coded("conference_over", _("This conference is over, so no one can join it."))
    reasons = {
        Conference.Status.DRAFT: _("This conference is still a draft. Publish it, then invite."),
        Conference.Status.INACTIVE: _("This conference is off the site. Publish it, then invite."),
        Conference.Status.CANCELLED: _("This conference is cancelled, so no one can join it."),
    }
    refusal = reasons.get(Conference.Status(conference.status), "")
    return refusal and coded(
        "conference_cancelled" if conference.is_cancelled else "conference_not_active", refusal
    )


def _refusal_to_invite(conference: Conference) -> str:
    if refusal := why_not_joinable(conference):
        return refusal
    # One that is only sent once more to single people has been finished before.
    others = Campaign.objects.filter(conference=conference, kind__in=CODES, status__in=Campaign.OPEN)
    if others.filter(finished_at=None).exists():
        return coded(
            "campaign_waiting",
            _(
                "Another email to the roster is waiting for review or being sent. Please wait until it is "
                "sent, or refuse or stop it first."
            ),
        )
    return ""


def _refusal_to_remind(conference: Conference) -> str:
    if refusal := _refusal_to_invite(conference):
        return refusal
    if waits_until := reminder_waits_until(conference):
        return coded(
            "campaign_too_early",
            _(
                "The last email to the roster was sent less than a day ago. You can send a reminder from "
                "%(time)s."
            )
            % {"time": in_zone(conference, waits_until)},
        )
    return ""


def reminder_waits_until(conference: Conference) -> datetime | None:
    """A day after the last email to the roster; None once it has passed."""
    sent = Campaign.objects.filter(conference=conference, kind__in=CODES, started_at__isnull=False)
    last = sent.order_by("-started_at").values_list("started_at", flat=True).first()
    now = conference.as_of or database_now()
    return last + REMINDER_GAP if last and last > now - REMINDER_GAP else None


READER = gettext_lazy(
    "You are receiving this email because the organisers of %(conference)s have put this email address "
    "on their list of participants, on %(site)s."
)


def facts_in_words(campaign: Campaign) -> str:
    """When and where the conference is, until when members vote, and how long the link works.

    Written when the email is, so that it has the dates as they are then, in the reader's language.
    """
    conference = campaign.conference
    return "\n\n".join(
        filter(None, [_takes_place(conference), vote_in_words(conference), _link_ends(conference)])
    )


def _takes_place(conference: Conference) -> str:
    names = {"conference": conference.title, "days": days_of(conference), "place": conference.place}
    if conference.place:
        return _("%(conference)s takes place on **%(days)s**, %(place)s.") % names
    return _("%(conference)s takes place on **%(days)s**.") % names


def vote_in_words(conference: Conference) -> str:
    """When members vote; empty if who joins now cannot."""
    election = conference.election
    if not _is_vote_ahead(conference):
        return ""
    names = {
        "opens": in_zone(conference, election.opens_at),
        "closes": in_zone(conference, election.closes_at),
    }
    if election.is_open():
        when = _("Voting is open: members choose the speaker until **%(closes)s**.")
    else:
        when = _("Members choose the speaker from %(opens)s until **%(closes)s**.")
    stand = _("You can also stand as a candidate yourself.")
    return f"{when % names} {stand}"


def _is_vote_ahead(conference: Conference) -> bool:
    """Whether who joins now can still vote by the rules of the conference."""
    election = conference.election
    return election.is_close_ahead() and (election.late_joiners_may_vote() or not election.is_open())


def _link_ends(conference: Conference) -> str:
    until = {"until": end_in_zone(conference, link_ends_at(conference))}
    if _is_vote_ahead(conference):
        said = _(
            "The link is for you alone and works once, until %(until)s. To vote, join before voting closes."
        )
    else:
        said = _("The link is for you alone and works once, until %(until)s.")
    return said % until


INVITATION = CampaignKind(
    code=Campaign.Kind.INVITATION,
    draft=Draft(
        link=gettext_lazy("Invite"),
        subject=gettext_lazy("Your invitation to %(conference)s"),
        message=gettext_lazy(
            "You are on the list of participants of %(conference)s. Join to see who takes part, and to "
            "choose the speaker together with the other members."
        ),
        is_offered=_on_the_roster_page,
    ),
    roster_audience=_listed,
    origin=gettext_lazy("Invitation to %(conference)s"),
    reader=READER,
    why=gettext_lazy("If you do not want to join, you do not have to do anything."),
    action=gettext_lazy("Accept the invitation"),
    deadline=facts_in_words,
    refusal_to_send=_refusal_to_send,
    refusal_to_announce=_refusal_to_invite,
    can_be_resent=True,
)

JOIN_REMINDER = replace(
    INVITATION,
    code=Campaign.Kind.JOIN_REMINDER,
    draft=Draft(
        link=gettext_lazy("Remind"),
        subject=gettext_lazy("Your invitation to %(conference)s is waiting"),
        message=gettext_lazy(
            "You are invited to %(conference)s and have not joined yet. It takes a minute. Members see who "
            "takes part, and choose the speaker together."
        ),
        is_offered=_on_the_roster_page,
    ),
    roster_audience=_invited,
    refusal_to_announce=_refusal_to_remind,
    can_be_resent=False,
)
