from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from confbox.kit.email_addresses import ENDS_INVENTED
from conferences.memberships.models import MembershipQuerySet
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.models import Conference, Membership, RosterEntry
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.campaigns.subscriptions.reachability import is_unsubscribed_mailbox, unsubscribed_digests


def campaign_to_be(*, conference: Conference, kind: str, candidate: Membership | None = None) -> Campaign:
    """A campaign that is not stored, for a page that shows who would get it."""
    return Campaign(conference=conference, kind=kind, candidate=candidate)


def recipients_of(campaign: Campaign) -> QuerySet[Any]:
    """Who gets a campaign: the only answer, for the count and for the sending.

    Current members with an active account and a confirmed email address that mail servers accept, who
    accept campaign emails. What every member must get is also sent to those who opted out of campaigns. A
    kind can narrow this down, or go to entries of the roster instead: those that no one has joined with,
    under the same conditions.
    """
    if narrow := kind_of(campaign).roster_audience:
        entries = RosterEntry.objects.filter(conference=campaign.conference)
        return _reachable_entries(narrow(campaign, entries), is_notice=kind_of(campaign).is_notice)
    return _members(campaign)


def _members(campaign: Campaign) -> MembershipQuerySet:
    kind = kind_of(campaign)
    found = (
        Membership.objects.of_active_people()
        .filter(
            Exists(
                EmailAddress.objects.filter(
                    user=OuterRef("user"), email=OuterRef("user__email"), verified=True
                )
            ),
            ~Exists(UndeliverableAddress.objects.filter(address=OuterRef("user__email"))),
            conference=campaign.conference,
        )
        .exclude(user__email__endswith=ENDS_INVENTED)
    )
    found = kind.audience(campaign, found)
    if kind.is_notice:
        return found.filter(user__receives_notices=True)
    return _willing(found) if kind.can_be_unsubscribed else found


def still_recipients(*, campaign: Campaign, deliveries: Collection[int]) -> set[int]:
    """Which of these deliveries still have a recipient who may get them.

    Of an invitation these are all who have not joined: the email itself makes a listed entry an invited one.
    """
    kind = kind_of(campaign)
    if narrow := kind.roster_audience:
        entries = RosterEntry.objects.filter(deliveries__in=deliveries)
        still = narrow(campaign, entries) if kind.is_notice else entries
        found: QuerySet[Any] = _reachable_entries(still, is_notice=kind.is_notice)
    else:
        found = _members(campaign).filter(deliveries__pk__in=deliveries)
    return set(found.values_list("deliveries__pk", flat=True))


def can_be_invited(entry: RosterEntry) -> bool:
    return _reachable_entries(RosterEntry.objects.filter(pk=entry.pk)).exists()


def count_recipients(campaign: Campaign) -> int | None:
    """How many would get it. None for a secret audience."""
    return None if kind_of(campaign).secret_audience else recipients_of(campaign).count()


def _willing(members: MembershipQuerySet) -> MembershipQuerySet:
    refused = Unsubscription.objects.filter(user=OuterRef("user"), conference=OuterRef("conference"))
    return members.filter(~Exists(refused), user__receives_campaigns=True)


def count_waiting(*, conference: Conference, unsubscribed: set[str]) -> dict[str, int]:
    """How many on the roster can be invited and how many reminded, by one query."""
    found = _reachable_entries(RosterEntry.objects.filter(conference=conference), unsubscribed)
    return dict(
        found.aggregate(
            to_invite=Count("pk", filter=Q(invited_at=None)),
            to_remind=Count("pk", filter=Q(invited_at__isnull=False)),
        )
    )


def _reachable_entries(
    entries: RosterEntryQuerySet, unsubscribed: set[str] | None = None, *, is_notice: bool = False
) -> RosterEntryQuerySet:
    """Those that no one has joined with and whose owners can be reached and have not opted out.

    A notice does not go to those either who switched off the notices of their conferences.

    None of a rehearsal: its emails are for the team alone.
    """
    free = entries.not_joined().filter(conference__rehearses=None)
    account = User.objects.filter(email=OuterRef("mailbox"))
    opted_out = Q(is_active=False) | Q(receives_campaigns=False)
    if is_notice:
        opted_out |= Q(receives_notices=False)
    refused = Unsubscription.objects.filter(
        user__email=OuterRef("mailbox"), conference=OuterRef("conference")
    )
    return free.filter(
        ~Exists(UndeliverableAddress.objects.filter(address=OuterRef("mailbox"))),
        ~Exists(account.filter(opted_out)),
        ~Exists(refused),
    ).exclude(pk__in=_unsubscribed(free, unsubscribed_digests() if unsubscribed is None else unsubscribed))


def _unsubscribed(entries: RosterEntryQuerySet, digests: set[str]) -> list[int]:
    """Found here, because the database cannot compute the digests."""
    if not digests:
        return []
    mailboxes = entries.order_by().values_list("pk", "mailbox").distinct()
    return [pk for pk, mailbox in mailboxes if is_unsubscribed_mailbox(mailbox, digests)]


def about_to_send(campaign: Campaign) -> str:
    """What approving it does, without how many have not voted."""
    if kind_of(campaign).secret_audience:
        return _("You are about to send an email to members.")
    number = recipients_of(campaign).count()
    sentence = ngettext(
        "You are about to send an email to %(n)d person.",
        "You are about to send an email to %(n)d people.",
        number,
    )
    return sentence % {"n": number}


def sent_in_words(campaign: Campaign) -> str:
    """As `approved_in_words`, for one that its author sends."""
    if audience := kind_of(campaign).secret_audience:
        return str(audience.sent)
    number = recipients_of(campaign).count()
    sentence = ngettext(
        "The email will be sent to %(n)d person.", "The email will be sent to %(n)d people.", number
    )
    return sentence % {"n": number}


def approved_in_words(campaign: Campaign) -> str:
    """Leaves out how many have not voted, because that would be a live figure."""
    kind = kind_of(campaign)
    if audience := kind.secret_audience:
        return str(audience.approved)
    number = recipients_of(campaign).count()
    if kind.roster_audience:
        sentence = ngettext(
            "Approved for %(n)d email address.", "Approved for %(n)d email addresses.", number
        )
    else:
        sentence = ngettext("Approved for %(n)d member.", "Approved for %(n)d members.", number)
    return sentence % {"n": number}
