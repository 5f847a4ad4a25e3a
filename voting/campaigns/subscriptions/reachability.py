"""Who accepts campaign emails, and which email addresses mail servers refuse."""

from accounts.models import User
from confbox.kit.bounce_addresses import tokens_of_mailbox
from confbox.kit.mailbox_digests import mailbox_digests
from conferences.models import Membership
from voting.campaigns.subscriptions.models import (
    ReturnedEmail,
    UndeliverableAddress,
    UnsubscribedMailbox,
    Unsubscription,
)


def is_mailbox_unsubscribed(digest: str) -> bool:
    return UnsubscribedMailbox.objects.filter(digest=digest).exists()


def is_unsubscribed(membership: Membership) -> bool:
    rows = Unsubscription.objects.filter(conference=membership.conference, user=membership.user)
    return rows.exists()


def is_undeliverable(user: User) -> bool:
    return UndeliverableAddress.objects.filter(address=user.email).exists()


def unsubscribed_digests() -> set[str]:
    return set(UnsubscribedMailbox.objects.values_list("digest", flat=True))


def is_unsubscribed_mailbox(mailbox: str, digests: set[str]) -> bool:
    """Whether it wants no invitations, by the digests of those that want none."""
    return bool(digests) and not digests.isdisjoint(mailbox_digests(mailbox))


def forget_returned(address: str) -> None:
    """The tokens stay, so that the same emails do not mark the address again."""
    ReturnedEmail.objects.filter(mailbox__in=tokens_of_mailbox(address)).update(mailbox="")
