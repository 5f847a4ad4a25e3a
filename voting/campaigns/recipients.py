from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef

from conferences.memberships.models import MembershipQuerySet
from conferences.models import Conference, Membership
from voting.campaigns.models import Campaign, UndeliverableAddress, Unsubscription


def recipients_of(*, conference: Conference, kind: str) -> MembershipQuerySet:
    """Who gets a campaign: the one answer for the count, the previews and the sending.

    Current members with an active account and a confirmed address that mail servers accept, who
    take campaign mail. The result and a moved deadline go to those who want no campaigns, too. A
    reminder goes only to members who have not voted.
    """
    found = Membership.objects.of_active_people().filter(
        Exists(
            EmailAddress.objects.filter(user=OuterRef("user"), email=OuterRef("user__email"), verified=True)
        ),
        ~Exists(UndeliverableAddress.objects.filter(address=OuterRef("user__email"))),
        conference=conference,
    )
    if kind == Campaign.Kind.REMINDER:
        found = found.filter(vote=None)
    return found if kind in Campaign.OWED else _willing(found)


def _willing(members: MembershipQuerySet) -> MembershipQuerySet:
    refused = Unsubscription.objects.filter(user=OuterRef("user"), conference=OuterRef("conference"))
    return members.filter(~Exists(refused), user__receives_campaigns=True)
