"""Who takes campaign mail, and which addresses mail servers refuse."""

from accounts import actions as account_actions
from accounts.models import User
from conferences.models import Membership
from voting.campaigns.models import UndeliverableAddress, Unsubscription


def unsubscribe(*, membership: Membership, everywhere: bool) -> None:
    """From this conference's campaigns, or from all. Idempotent."""
    if everywhere:
        account_actions.set_receives_campaigns(user=membership.user, receives=False)
    else:
        Unsubscription.objects.get_or_create(conference=membership.conference, user=membership.user)


def subscribe(*, membership: Membership) -> None:
    """Takes this conference's campaigns again, and with them campaigns at all. Idempotent."""
    Unsubscription.objects.filter(conference=membership.conference, user=membership.user).delete()
    account_actions.set_receives_campaigns(user=membership.user, receives=True)


def is_unsubscribed(membership: Membership) -> bool:
    rows = Unsubscription.objects.filter(conference=membership.conference, user=membership.user)
    return rows.exists()


def is_undeliverable(user: User) -> bool:
    return UndeliverableAddress.objects.filter(address=user.email).exists()


def forget_undeliverable(*, address: str) -> bool:
    """The owner has shown that mail arrives there. False if the address was in order."""
    return bool(UndeliverableAddress.objects.filter(address=address).delete()[0])
