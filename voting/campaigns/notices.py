"""Emails that the site writes about what organisers did: once to each member, in the member's language."""

from datetime import datetime

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import ngettext, override

from accounts.models import User
from confbox.kit.clock import database_now
from conferences.models import Conference, ConferenceChange
from voting.campaigns.kinds.conference import FOR_INVITED
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign
from voting.campaigns.recipients import recipients_of
from voting.elections.models import Decision, WindowChange

LONGEST_SUBJECT = 120


def notify_of_window(change: WindowChange) -> Campaign:
    notice = Campaign(conference=change.election.conference, kind=Campaign.Kind.WINDOW, window_change=change)
    return _send(notice, by=change.by, agreed_by=change.agreed_by, at=change.at)


def notify_invited_of_window(change: WindowChange) -> Campaign | None:
    """Those who were invited and have not joined; None if there are none, or they could not vote anyway."""
    kind, conference = Campaign.Kind.INVITED_WINDOW, change.election.conference
    notice = Campaign(conference=conference, kind=kind, window_for_invited=change)
    if not conference.election.late_joiners_may_vote() or not recipients_of(notice).exists():
        return None
    return _send(notice, by=change.by, agreed_by=change.agreed_by, at=change.at)


def notify_of_conference(change: ConferenceChange) -> Campaign:
    notice = Campaign(conference=change.conference, kind=Campaign.Kind.CONFERENCE, conference_change=change)
    return _send(notice, by=change.by, agreed_by=None, at=change.at)


def notify_invited(change: ConferenceChange) -> Campaign | None:
    """Those who were invited and have not joined; None if there are none, or it is nothing to them."""
    if change.act not in FOR_INVITED:
        return None
    kind = Campaign.Kind.INVITED_CHANGE
    notice = Campaign(conference=change.conference, kind=kind, change_for_invited=change)
    if not recipients_of(notice).exists():
        return None
    return _send(notice, by=change.by, agreed_by=None, at=change.at)


def consequences_for_invited(conference: Conference) -> list[str]:
    number = recipients_of(Campaign(conference=conference, kind=Campaign.Kind.INVITED_CHANGE)).count()
    said = ngettext(
        "%(n)d person who was invited and has not joined gets an email as well.",
        "%(n)d people who were invited and have not joined get an email as well.",
        number,
    )
    return [said % {"n": number}] if number else []


def window_emails_to_invited(conference: Conference) -> list[str]:
    """The same for a change of the deadline: none if who joins now cannot vote."""
    return consequences_for_invited(conference) if conference.election.late_joiners_may_vote() else []


def notify_of_merging(change: ConferenceChange) -> Campaign:
    notice = Campaign(conference=change.conference, kind=Campaign.Kind.MERGED, conference_change=change)
    return _send(notice, by=change.by, agreed_by=None, at=change.at)


def notify_of_stepping_down(decision: Decision) -> Campaign | None:
    """Those who were told who would speak; None if no one was."""
    conference = decision.election.conference
    notice = Campaign(conference=conference, kind=Campaign.Kind.STEPPED_DOWN, decision=decision)
    if not recipients_of(notice).exists():
        return None
    at = decision.answered_at or database_now()
    return _send(notice, by=decision.decided_by, agreed_by=None, at=at)


def _send(notice: Campaign, *, by: User, agreed_by: User | None, at: datetime) -> Campaign:
    """Sends it like a campaign, including to members who opted out of campaigns."""
    notice.requested_by, notice.decided_by = by, agreed_by or by
    return release_notice(notice, at=at)


def release_notice(notice: Campaign, *, at: datetime) -> Campaign:
    """Writes and stores it, to be sent from then on.

    No one approves it: all but a reason is the site's own text.
    """
    notice.status = Campaign.Status.APPROVED
    notice.requested_at = notice.decided_at = notice.send_at = at
    kind = kind_of(notice)
    with override(settings.LANGUAGE_CODE):
        notice.subject = Truncator(kind.subject(notice)).chars(LONGEST_SUBJECT)
        notice.message = kind.message(notice)
    notice.save()
    return notice
