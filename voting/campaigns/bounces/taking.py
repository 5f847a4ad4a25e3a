"""When returned emails and complaints mark an address as undeliverable or unsubscribe it.

The token of the envelope sender decides which mailbox it is, not what the report names. The rule:
docs/decisions/bounces.md.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts import actions as account_actions
from accounts.actors import Actor
from accounts.models import User
from confbox.kit.bounce_addresses import LASTS_DAYS, Returned, returned_to
from confbox.kit.email_addresses import normalise_email
from confbox.kit.mailbox_digests import mailbox_digest, mailbox_of
from confbox.kit.retries import retried
from confbox.kit.returned_emails import Report, What, report_in
from conferences.models import RosterEntry
from voting.campaigns.sending.batches import mark_undeliverable
from voting.campaigns.subscriptions.actions import unsubscribe_mailbox
from voting.campaigns.subscriptions.models import BounceReading, ReturnedEmail, UndeliverableAddress

SOFT_DAYS = 3
DAY_SECONDS = 86400
MARK_LASTS_DAYS = 90


class Taken(StrEnum):
    NOTHING = "It reports nothing that counts."
    UNKNOWN = "It has no valid token of this site."
    WITHHELD = "Its recipients depend on who has voted, so it marks no address."
    COUNTED = "Counted as a temporary failure."
    MARKED = "Marked as undeliverable."
    UNSUBSCRIBED = "Unsubscribed from campaigns."


def note_reading() -> None:
    """Something reads what comes back: the check of the site asks for it."""
    BounceReading.objects.update_or_create(pk=1, defaults={"at": timezone.now()})


def take_bounce(*, raw: bytes, sent_to: Iterable[str]) -> Taken:
    """Takes one email that came back to these addresses. The same email again changes nothing."""
    report = report_in(raw)
    return take_report(report, sent_to=sent_to) if report else Taken.NOTHING


def take_report(report: Report, *, sent_to: Iterable[str]) -> Taken:
    found = (returned_to(address) for address in (*sent_to, report.sender))
    returned = next((one for one in found if one), None)
    if returned is None:
        return Taken.UNKNOWN
    if report.what is What.COMPLAINT:
        return _unsubscribe(_own_addresses(returned, report))
    return _count(returned, report) if returned.may_mark else Taken.WITHHELD


def _count(returned: Returned, report: Report) -> Taken:
    """In two transactions: of two temporary failures at once, the one that marks last has to see both.

    Between them, because it can take long, the addresses are looked for.
    """
    row = _stored(returned, report)
    if not (row.mailbox and (row.is_hard or _is_due(row.mailbox))):
        return Taken.COUNTED
    return _mark(row.pk, _own_addresses(returned, report), report.words)


@retried
def _stored(returned: Returned, report: Report) -> ReturnedEmail:
    row, _is_new = ReturnedEmail.objects.get_or_create(
        # The token contains the digest of the mailbox, which can be forgotten.
        token=sha256(returned.token.encode()).hexdigest(),
        is_hard=report.what is What.HARD,
        defaults={"mailbox": returned.mailbox, "sent_on": returned.sent_on},
    )
    return row


@retried
@transaction.atomic
def _mark(pk: int, addresses: set[str], words: str) -> Taken:
    if _locked(pk) is None:
        return Taken.COUNTED
    for address in addresses:
        mark_undeliverable(address, words)
    return Taken.MARKED


def _locked(pk: int) -> ReturnedEmail | None:
    """None if its owner has confirmed the address; who confirms it now waits, and then removes the mark."""
    return ReturnedEmail.objects.select_for_update().filter(pk=pk).exclude(mailbox="").first()


def _is_due(mailbox: str) -> bool:
    since = timezone.now().date() - timedelta(days=LASTS_DAYS)
    days = ReturnedEmail.objects.filter(mailbox=mailbox, sent_on__gte=since).values("sent_on").distinct()
    return days.count() >= SOFT_DAYS


def _unsubscribe(addresses: set[str]) -> Taken:
    for user in User.objects.filter(email__in=addresses):
        account_actions.set_receives_campaigns(receives=False, by=Actor(user))
    for address in addresses:
        unsubscribe_mailbox(digest=mailbox_digest(address), by=Actor.of_command())
    return Taken.UNSUBSCRIBED


def _own_addresses(returned: Returned, report: Report) -> set[str]:
    """The addresses of this site that lead to the mailbox.

    If the report names another one, because the email was forwarded, all have to be compared: once a day for
    each email, because those who got it can return it as often as they like.
    """
    named = [normalise_email(address) for address in report.addresses if returned.went_to(address)]
    inboxes = [mailbox_of(address) for address in named]
    found = set(User.objects.filter(email__in=named).values_list("email", flat=True))
    found |= set(RosterEntry.objects.filter(inbox__in=inboxes).values_list("mailbox", flat=True))
    search = sha256(f"{report.what} {returned.token}".encode()).hexdigest()
    if found or not cache.add(f"returned-email-{search}", 1, DAY_SECONDS):
        return found
    return {address for address in _all_addresses() if returned.went_to(address)}


def _all_addresses() -> Iterable[str]:
    yield from User.objects.values_list("email", flat=True).iterator()
    yield from RosterEntry.objects.order_by().values_list("mailbox", flat=True).iterator()


def forget_old_bounces() -> int:
    """Deletes marks that are so old that the address may be tried again, and bounces that no longer count."""
    now = timezone.now()
    old = now.date() - timedelta(days=LASTS_DAYS)
    forgotten = ReturnedEmail.objects.filter(sent_on__lt=old).delete()[0]
    expired = UndeliverableAddress.objects.filter(marked_at__lt=now - timedelta(days=MARK_LASTS_DAYS))
    return forgotten + expired.delete()[0]
