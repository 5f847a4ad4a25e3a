"""Which roster entry is whose: a person is on a roster through any email address that they have confirmed."""

from collections.abc import Callable
from itertools import chain

from django.db import connection, transaction
from django.db.models import Case, Value, When

from accounts.linked_addresses import confirmed_addresses
from accounts.models import User
from confbox.kit.email_addresses import normalise_email
from conferences.models import Conference, Membership, RosterEntry

BATCH = 500
# Called inside the transaction: before a person who joins or claims reads anything, and with the IDs of
# entries that became members'.
BEFORE_CLAIMING: list[Callable[[Conference], None]] = []
AFTER_CLAIMING: list[Callable[[Conference, list[int]], None]] = []


def free_entry(*, user: User, conference: Conference, email: str = "") -> RosterEntry | None:
    """The entry that this person could claim: of this confirmed address first, or of any other."""
    free = _free_entries(user, conference)
    return next(iter(sorted(free, key=lambda entry: entry.mailbox != email)), None)


def entry_for(*, user: User, conference: Conference) -> RosterEntry | None:
    """The entry with which this person has joined, or could join."""
    present = RosterEntry.objects.present().filter(conference=conference)
    own = present.filter(membership__user=user).first()
    return own or free_entry(user=user, conference=conference)


def ticket_of(*, user: User, conference: Conference) -> RosterEntry | None:
    """The entry with which this person is a member."""
    present = RosterEntry.objects.present().filter(conference=conference)
    return present.filter(membership__user=user, membership__left_at=None).first()


def claim_entry(*, membership: Membership, entry: RosterEntry | None = None) -> RosterEntry | None:
    """Gives the member this entry, or one of their confirmed addresses. One entry admits one person.

    Returns:
        The member's entry, which they may have had before; None if there is none, or another member has it.
    """
    conference = membership.conference
    with transaction.atomic():
        lock_claims(conference)
        # A member who claims two entries at once gets the first.
        Membership.objects.select_for_update().get(pk=membership.pk)
        own = RosterEntry.objects.filter(membership=membership).first()
        if own and own.removed_at is None:
            return own
        wanted = [entry] if entry else _free_entries(membership.user, conference)
        return next((each for each in wanted if _is_claimed(each, membership, instead_of=own)), None)


def lock_claims(conference: Conference) -> None:
    """For who joins or claims an entry: until the transaction ends, nothing is imported into the roster.

    The order of locks is conference, election, membership, roster entry, entry of the roll.
    """
    _lock_out_importing(conference)
    for lock in BEFORE_CLAIMING:
        lock(conference)


def _lock_out_importing(conference: Conference) -> None:
    """Both give entries to members. SQLite has one writer at a time."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            query = "SELECT 1 FROM conferences_conference WHERE id = %s LOCK IN SHARE MODE"
            cursor.execute(query, [conference.pk])


def _is_claimed(entry: RosterEntry, membership: Membership, *, instead_of: RosterEntry | None) -> bool:
    """One statement, so that of many who claim the entry at once one gets it."""
    present = RosterEntry.objects.present().filter(pk=entry.pk, conference=membership.conference)
    free = present.filter(membership=None)
    if instead_of and free.exists():
        # It was removed, and a member has one entry.
        RosterEntry.objects.filter(pk=instead_of.pk).update(membership=None)
    is_claimed = bool(free.update(membership=membership))
    if is_claimed:
        for act in AFTER_CLAIMING:
            act(membership.conference, [entry.pk])
    return is_claimed


def _free_entries(user: User, conference: Conference) -> list[RosterEntry]:
    mailboxes = confirmed_addresses(user)
    free = RosterEntry.objects.present().filter(conference=conference, mailbox__in=mailboxes, membership=None)
    return sorted(free, key=lambda entry: mailboxes.index(entry.mailbox))


def match_members(*, conference: Conference) -> int:
    """Gives free entries to the members who have confirmed their addresses, set by set.

    Returns:
        How many entries have become a member's.
    """
    found, matched = list(_unmatched_members(conference).items()), 0
    for start in range(0, len(found), BATCH):
        whose = {entry: member for member, entry in found[start : start + BATCH]}
        free = RosterEntry.objects.present().filter(pk__in=whose, membership=None)
        members = [When(pk=entry, then=Value(member)) for entry, member in whose.items()]
        matched += free.update(membership_id=Case(*members))
        for act in AFTER_CLAIMING:
            act(conference, list(whose))
    return matched


def _unmatched_members(conference: Conference) -> dict[int, int]:
    """For each member without an entry, by ID, that of a free entry of theirs."""
    free = RosterEntry.objects.present().filter(conference=conference, membership=None)
    entries = dict(free.values_list("mailbox", "pk"))
    members = Membership.objects.current().filter(conference=conference, roster_entry=None)
    confirmed = members.filter(user__emailaddress__verified=True).values_list(
        "pk", "user__emailaddress__email"
    )
    linked = members.filter(user__linked_addresses__isnull=False)
    more = linked.values_list("pk", "user__linked_addresses__email")
    found = dict[int, int]()
    for membership, address in chain(*(rows.order_by("pk").iterator() for rows in (confirmed, more))):
        entry = entries.get(normalise_email(address))
        if entry and membership not in found:
            found[membership] = entries.pop(normalise_email(address))
    return found
