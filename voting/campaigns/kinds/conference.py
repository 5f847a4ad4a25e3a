"""Organisers cancelled or moved a conference, or the like. The site writes it in each member's language.

Those who were invited and have not joined are notified of whether and when it takes place.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.changes.dates import in_words
from conferences.local_times import days_of, in_zone
from conferences.models import ConferenceChange
from conferences.sharing.calendars import change_of
from voting.campaigns.kinds.invited import to_invited
from voting.campaigns.kinds.kind import Attachment, CampaignKind, Text, names_in
from voting.campaigns.models import Campaign
from voting.elections.election.models import VotingState

Act = ConferenceChange.Act


@dataclass(frozen=True)
class Notice:
    """What the email says of one act; `%(conference)s` is filled in."""

    subject: Text
    news: Callable[[ConferenceChange], str]


def _cancelled(change: ConferenceChange) -> str:
    conference = change.conference
    said = _("%(conference)s, which was to take place on **%(days)s**, is cancelled.")
    news = said % {"conference": conference.title, "days": days_of(conference)}
    is_stopped = conference.election.state() == VotingState.CANCELLED and conference.election.has_opened()
    ended = _("Voting has ended without a result.")
    return f"{news} {ended}" if is_stopped else news


def _reinstated(change: ConferenceChange) -> str:
    conference = change.conference
    said = _("%(conference)s takes place after all, on **%(days)s**.")
    return said % {"conference": conference.title, "days": days_of(conference)}


MOVED = gettext_lazy("%(conference)s has moved")
NEW_TIME = gettext_lazy("%(conference)s takes place at another time")


def _stays_in_place(change: ConferenceChange) -> bool:
    return change.act == Act.MOVED and bool(change.before["place"] == change.after["place"])


def _moved(change: ConferenceChange) -> str:
    conference = change.conference
    said = _("Now: **%(new)s**\n\nBefore: %(old)s")
    first = NEW_TIME if _stays_in_place(change) else MOVED
    said = f"{first}.\n\n{said}"
    # Without it, a conference that keeps its time of day would seem not to have moved.
    other_zone = change.before["time_zone"] != change.after["time_zone"]
    new, old = (in_words(dates, names_zone=other_zone) for dates in (change.after, change.before))
    return said % {"conference": conference.title, "new": new, "old": old}


def _unpublished(change: ConferenceChange) -> str:
    said = _("%(conference)s was taken off the site on %(time)s. You remain a member.")
    return said % {"conference": change.conference.title, "time": in_zone(change.conference, change.at)}


def _republished(change: ConferenceChange) -> str:
    conference = change.conference
    said = _("%(conference)s is back on the site. It takes place on **%(days)s**.")
    return said % {"conference": conference.title, "days": days_of(conference)}


# What is on the site or off it keeps its time and place in a calendar.
WITHOUT_FILE = (Act.UNPUBLISHED, Act.REPUBLISHED)
NOTICES = {
    Act.CANCELLED: Notice(gettext_lazy("%(conference)s is cancelled"), _cancelled),
    Act.REINSTATED: Notice(gettext_lazy("%(conference)s takes place after all"), _reinstated),
    Act.MOVED: Notice(MOVED, _moved),
    Act.UNPUBLISHED: Notice(gettext_lazy("%(conference)s was taken off the site"), _unpublished),
    Act.REPUBLISHED: Notice(gettext_lazy("%(conference)s is back on the site"), _republished),
}


def _subject(campaign: Campaign) -> str:
    change = _change_of(campaign)
    subject = NEW_TIME if _stays_in_place(change) else NOTICES[Act(change.act)].subject
    return str(subject) % names_in(campaign)


def _message(campaign: Campaign) -> str:
    said = _news(campaign)
    if _change_of(campaign).act in WITHOUT_FILE:
        return said
    return "\n\n".join([said, _("The attached file brings your calendar up to date.")])


def _news(campaign: Campaign) -> str:
    change = _change_of(campaign)
    pieces = [NOTICES[Act(change.act)].news(change)]
    if change.reason:
        pieces.append(_("The organisers’ reason: %(reason)s") % {"reason": change.reason})
    return "\n\n".join(pieces)


def _change_of(campaign: Campaign) -> ConferenceChange:
    change = campaign.conference_change or campaign.change_for_invited
    assert change
    change.conference = campaign.conference
    return change


def _calendar_file(campaign: Campaign) -> list[Attachment]:
    if _change_of(campaign).act in WITHOUT_FILE:
        return []
    return [("conference.ics", change_of(campaign.conference), "text/calendar")]


def _page(campaign: Campaign) -> str:
    return campaign.conference.get_absolute_url()


def _never_refused(_campaign: Campaign, _at: datetime) -> str:
    """It is always sent, whatever has become of the conference: the change has been made."""
    return ""


CONFERENCE = CampaignKind(
    code=Campaign.Kind.CONFERENCE,
    can_be_unsubscribed=False,
    can_be_held=False,
    subject=_subject,
    message=_message,
    attachments=_calendar_file,
    origin=gettext_lazy("The organisers of %(conference)s"),
    why=gettext_lazy("Sent to every member whenever the organisers change whether or when it takes place."),
    action=gettext_lazy("See the conference"),
    action_path=_page,
    refusal_to_send=_never_refused,
)


def _action_if_cancelled(campaign: Campaign) -> str:
    """The page of their invitation then says that no one can join, and why."""
    is_over = _change_of(campaign).act == Act.CANCELLED
    return _("See what has become of your invitation") if is_over else ""


# The acts of which those read who were invited: the others do not change what they were invited to.
FOR_INVITED = (Act.CANCELLED, Act.REINSTATED, Act.MOVED)
INVITED_CHANGE = replace(
    to_invited(CONFERENCE, code=Campaign.Kind.INVITED_CHANGE, message=_news),
    special_action=_action_if_cancelled,
)
