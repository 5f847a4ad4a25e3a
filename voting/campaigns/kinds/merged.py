"""A duplicate was merged into this conference. The site writes it, to each member who is new here."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.changes.dates import dates_of, in_words
from conferences.memberships.models import MembershipQuerySet
from conferences.merging.names import Named, duplicate_of, have_same_title, named, told_apart
from conferences.models import ConferenceChange
from voting.campaigns.kinds.kind import CampaignKind, names_in
from voting.campaigns.models import Campaign


def _subject(campaign: Campaign) -> str:
    return _("You are now a member of %(conference)s") % names_in(campaign)


def _message(campaign: Campaign) -> str:
    change, conference = _change_of(campaign), campaign.conference
    duplicate, stays = duplicate_of(change), named(conference)
    names = dict(zip(("duplicate", "conference"), told_apart(duplicate, stays), strict=True))
    return "\n\n".join(
        [
            _why(duplicate, stays),
            _("It takes place: **%(dates)s**") % {"dates": in_words(dates_of(conference), names_zone=False)},
            _(
                "If you had written a pitch, it has moved with you. Links to %(duplicate)s lead to "
                "%(conference)s. If you do not want to be a member, you can leave on its page."
            )
            % names,
        ]
    )


def _why(duplicate: Named, stays: Named) -> str:
    if have_same_title(duplicate, stays):
        said = _(
            "%(conference)s was on this site twice, so the organisers have merged the two. You were a member "
            "of the one that no longer exists and are now a member of the one that stays."
        )
        return said % {"conference": stays[0]}
    said = _(
        "%(duplicate)s and %(conference)s were the same conference, so the organisers have merged "
        "them. You were a member of %(duplicate)s and are now a member of %(conference)s."
    )
    return said % {"duplicate": duplicate[0], "conference": stays[0]}


def _change_of(campaign: Campaign) -> ConferenceChange:
    assert campaign.conference_change
    return campaign.conference_change


def _who_moved(campaign: Campaign, members: MembershipQuerySet) -> MembershipQuerySet:
    """They joined at the time of the merge; those who had left before are named."""
    change = campaign.conference_change
    if change is None:
        return members.none()
    return members.filter(Q(joined_at=change.at) | Q(pk__in=change.after["returned"]))


def _page(campaign: Campaign) -> str:
    return campaign.conference.get_absolute_url()


def _never_refused(_campaign: Campaign, _at: datetime) -> str:
    """It is always sent, whatever has become of the conference: the members have moved."""
    return ""


MERGED = CampaignKind(
    code=Campaign.Kind.MERGED,
    can_be_unsubscribed=False,
    can_be_held=False,
    subject=_subject,
    message=_message,
    audience=_who_moved,
    origin=gettext_lazy("The organisers of %(conference)s"),
    why=gettext_lazy("Sent to members of a duplicate when the organisers merge it with this conference."),
    action=gettext_lazy("See the conference"),
    action_path=_page,
    refusal_to_send=_never_refused,
)
