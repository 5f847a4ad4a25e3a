"""Emails that the site writes about what organisers did: once to each member, in the member's language."""

from datetime import datetime

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import override

from accounts.models import User
from conferences.models import ConferenceChange
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign
from voting.elections.models import WindowChange

LONGEST_SUBJECT = 120


def notify_of_window(change: WindowChange) -> Campaign:
    notice = Campaign(conference=change.election.conference, kind=Campaign.Kind.WINDOW, window_change=change)
    return _send(notice, by=change.by, agreed_by=change.agreed_by, at=change.at)


def notify_of_conference(change: ConferenceChange) -> Campaign:
    notice = Campaign(conference=change.conference, kind=Campaign.Kind.CONFERENCE, conference_change=change)
    return _send(notice, by=change.by, agreed_by=None, at=change.at)


def notify_of_merging(change: ConferenceChange) -> Campaign:
    notice = Campaign(conference=change.conference, kind=Campaign.Kind.MERGED, conference_change=change)
    return _send(notice, by=change.by, agreed_by=None, at=change.at)


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
