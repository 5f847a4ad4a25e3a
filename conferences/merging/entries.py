"""The rosters of two conferences that are merged: links in invitations to the duplicate go on working."""

from conferences.matching import match_members
from conferences.memberships.roster.models import RosterEntryQuerySet
from conferences.merging.people import BATCH, Merge, People
from conferences.models import OldEntry, RosterEntry


def entries_that_move(merge: Merge) -> RosterEntryQuerySet:
    kept = RosterEntry.objects.filter(conference=merge.stays).values("mailbox")
    return RosterEntry.objects.filter(conference=merge.duplicate).exclude(mailbox__in=kept)


def move_entries(merge: Merge, people: People) -> None:
    """In the transaction of the merge, when the members have moved.

    An entry whose mailbox has none at the conference that stays becomes one of it, with its member. Of two
    for one mailbox, that of the conference that stays is kept, and links to the other lead to it.
    """
    kept = dict(RosterEntry.objects.filter(conference=merge.stays).values_list("mailbox", "pk"))
    owners, found = _owners(merge, people), RosterEntry.objects.filter(conference=merge.duplicate)
    moving = list(entries_that_move(merge))
    same = {pk: kept[mailbox] for pk, mailbox in found.values_list("pk", "mailbox") if mailbox in kept}
    found.update(membership=None)
    for entry in moving:
        entry.conference, entry.membership_id = merge.stays, owners.get(entry.membership_id)
    RosterEntry.objects.bulk_update(moving, ["conference", "membership"], batch_size=BATCH)
    _keep_links(merge, same)
    match_members(conference=merge.stays)


def _owners(merge: Merge, people: People) -> dict[int | None, int]:
    """By the membership that had an entry of the duplicate, that which has it now; each has one entry."""
    there = RosterEntry.objects.filter(conference=merge.stays, membership__isnull=False)
    taken = set(there.values_list("membership", flat=True))
    stay: dict[int | None, int] = {
        member.pk: other.pk for member, other in people.pairs if other.pk not in taken
    }
    return stay | {member.pk: member.pk for member in people.moving}


def _keep_links(merge: Merge, same: dict[int, int]) -> None:
    """Also those that led to the duplicate by an earlier merge."""
    links = list(OldEntry.objects.filter(entry__conference=merge.duplicate))
    for link in links:
        link.entry_id = same[link.entry_id]
    OldEntry.objects.bulk_update(links, ["entry"], batch_size=BATCH)
    found = [OldEntry(pk=old, entry_id=new) for old, new in same.items()]
    OldEntry.objects.bulk_create(found, batch_size=BATCH)
