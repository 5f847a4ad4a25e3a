"""The window of an open vote was changed. The site writes it, to each member in their own language.

Those who were invited and have not joined are notified if they could have voted.
"""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.local_times import in_zone
from voting.campaigns.kinds.invited import to_invited
from voting.campaigns.kinds.kind import CampaignKind, names_in, no_deadline
from voting.campaigns.models import Campaign
from voting.elections.models import WindowChange


def _subject(campaign: Campaign) -> str:
    if _is_closed_early(campaign):
        return _("Voting at %(conference)s was closed early") % names_in(campaign)
    return _("The voting deadline at %(conference)s was moved") % names_in(campaign)


def _message(campaign: Campaign) -> str:
    change, conference = _change_of(campaign), campaign.conference
    times = {"old": in_zone(conference, change.closed_before), "new": in_zone(conference, change.closes_at)}
    if _is_closed_early(campaign):
        moved = (
            _("Voting closed on **%(new)s**. It had been due to close on %(old)s. The count is final.")
            % times
        )
    else:
        moved = _("Voting now closes on **%(new)s** instead of %(old)s.") % times
    reason = _("The organisers’ reason: %(reason)s") % {"reason": change.reason}
    return f"{moved}\n\n{reason}"


def _is_closed_early(campaign: Campaign) -> bool:
    return _change_of(campaign).act == WindowChange.Act.CLOSED


def _change_of(campaign: Campaign) -> WindowChange:
    change = campaign.window_change or campaign.window_for_invited
    assert change
    return change


def _never_refused(_campaign: Campaign, _at: datetime) -> str:
    """It is always sent, whatever happens to the vote and the conference: the change has been made."""
    return ""


WINDOW = CampaignKind(
    code=Campaign.Kind.WINDOW,
    can_be_unsubscribed=False,
    can_be_held=False,
    subject=_subject,
    message=_message,
    origin=gettext_lazy("Voting at %(conference)s"),
    why=gettext_lazy("Sent to every member whenever the deadline of an open vote changes."),
    deadline=no_deadline,
    action=gettext_lazy("See the vote"),
    refusal_to_send=_never_refused,
)


INVITED_WINDOW = to_invited(WINDOW, code=Campaign.Kind.INVITED_WINDOW)
