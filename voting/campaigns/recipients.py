from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef
from django.utils.translation import ngettext

from conferences.memberships.models import MembershipQuerySet
from conferences.models import Conference, Membership
from voting.campaigns.kinds.registry import KINDS, kind_of
from voting.campaigns.models import Campaign, UndeliverableAddress, Unsubscription


def recipients_of(*, conference: Conference, kind: str) -> MembershipQuerySet:
    """Who gets a campaign: the only answer, for the count and for the sending.

    Current members with an active account and a confirmed email address that mail servers accept, who
    accept campaign emails. What every member must get is also sent to those who opted out of campaigns. A
    kind can narrow this down.
    """
    found = Membership.objects.of_active_people().filter(
        Exists(
            EmailAddress.objects.filter(user=OuterRef("user"), email=OuterRef("user__email"), verified=True)
        ),
        ~Exists(UndeliverableAddress.objects.filter(address=OuterRef("user__email"))),
        conference=conference,
    )
    found = KINDS[kind].audience(found)
    return _willing(found) if KINDS[kind].can_be_unsubscribed else found


def count_recipients(*, conference: Conference, kind: str) -> int | None:
    """How many would get it. None for a secret audience."""
    if KINDS[kind].secret_audience:
        return None
    return recipients_of(conference=conference, kind=kind).count()


def _willing(members: MembershipQuerySet) -> MembershipQuerySet:
    refused = Unsubscription.objects.filter(user=OuterRef("user"), conference=OuterRef("conference"))
    return members.filter(~Exists(refused), user__receives_campaigns=True)


def approved_in_words(campaign: Campaign) -> str:
    """Leaves out how many have not voted, because that would be a live figure."""
    if audience := kind_of(campaign).secret_audience:
        return str(audience.approved)
    number = recipients_of(conference=campaign.conference, kind=campaign.kind).count()
    return ngettext("Approved for %(n)d member.", "Approved for %(n)d members.", number) % {"n": number}
