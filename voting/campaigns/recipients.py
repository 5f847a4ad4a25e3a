from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef

from conferences.memberships.models import MembershipQuerySet
from conferences.models import Conference, Membership
from voting.campaigns.models import Campaign, UndeliverableAddress, Unsubscription
from voting.elections.election.electorate import ENTITLED


def recipients_of(*, conference: Conference, kind: str) -> MembershipQuerySet:
    """Who gets a campaign: the one answer for the count and the sending.

    Current members with an active account and a confirmed address that mail servers accept, who
    take campaign mail. The result and a moved deadline go to those who want no campaigns, too. A
    reminder goes only to members who may vote and have not.
    """
    found = Membership.objects.of_active_people().filter(
        Exists(
            EmailAddress.objects.filter(user=OuterRef("user"), email=OuterRef("user__email"), verified=True)
        ),
        ~Exists(UndeliverableAddress.objects.filter(address=OuterRef("user__email"))),
        conference=conference,
    )
    if kind == Campaign.Kind.REMINDER:
        # Not those whose vote is void: how many they are would show in the sending; they are told apart.
        found = found.filter(ENTITLED).filter(vote=None)
    return found if kind in Campaign.OWED else _willing(found)


def count_recipients(*, conference: Conference, kind: str) -> int | None:
    """How many would get it. None for a reminder: nobody learns who, or how many, have not voted."""
    if kind == Campaign.Kind.REMINDER:
        return None
    return recipients_of(conference=conference, kind=kind).count()


def _willing(members: MembershipQuerySet) -> MembershipQuerySet:
    refused = Unsubscription.objects.filter(user=OuterRef("user"), conference=OuterRef("conference"))
    return members.filter(~Exists(refused), user__receives_campaigns=True)
