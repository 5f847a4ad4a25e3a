"""Who accepts campaign emails, and which email addresses mail servers refuse."""

from django.db import models, transaction

from accounts.models import User
from confbox.kit.bounce_addresses import tokens_of_mailbox
from confbox.kit.mailbox_digests import mailbox_digests
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
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


def returned_emails_to(address: str) -> models.QuerySet[ReturnedEmail]:
    return ReturnedEmail.objects.filter(mailbox__in=tokens_of_mailbox(address))


@retried
@transaction.atomic
def forget_bounces(address: str) -> Change:
    """No change if the address was not marked.

    The tokens stay, so that the same emails do not mark it again. They come first: a bounce that is about to
    mark it holds its row, and the mark has to be there when it is removed.
    """
    returned_emails_to(address).update(mailbox="")
    return Change.of(UndeliverableAddress.objects.filter(address=address).delete()[0])
