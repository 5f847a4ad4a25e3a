"""The email about a change of an open vote's window: once to each member, in the member's language."""

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import override

from voting.campaigns.kinds.window import WINDOW
from voting.campaigns.models import Campaign
from voting.elections.models import WindowChange

LONGEST_SUBJECT = 120


def notify_members(change: WindowChange) -> Campaign:
    """Sends the notice like a campaign, including to members who opted out of campaigns.

    No one approves it: all but the reason is the site's own text, and the change has already been made.
    """
    notice = Campaign(
        conference=change.election.conference,
        kind=WINDOW.code,
        requested_by=change.by,
        decided_by=change.agreed_by or change.by,
        status=Campaign.Status.APPROVED,
        requested_at=change.at,
        decided_at=change.at,
        send_at=change.at,
        window_change=change,
    )
    with override(settings.LANGUAGE_CODE):
        notice.subject = Truncator(WINDOW.subject(notice)).chars(LONGEST_SUBJECT)
        notice.message = WINDOW.message(notice)
    notice.save()
    return notice
