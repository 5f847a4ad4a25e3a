"""Whose membership moves from the duplicate to the conference that stays, and what moves with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confbox.kit.mailbox_digests import mailbox_digest, mailbox_digests
from confbox.kit.seen import version_of
from conferences import mailboxes
from conferences.actions import come_back, keep_excluded, keep_hidden, set_excluded
from conferences.merging.names import named, told_apart
from conferences.models import Conference, ExcludedMailbox, JoinRequest, Membership, OldMembership
from conferences.versions import version_shown

BATCH = 500


@dataclass(frozen=True)
class Merge:
    """The duplicate goes; its members become members of the conference that stays."""

    duplicate: Conference
    stays: Conference

    @property
    def pair(self) -> tuple[Conference, ...]:
        """In the order in which both are locked, however they are merged."""
        return tuple(sorted((self.duplicate, self.stays), key=lambda conference: conference.pk))

    def version(self) -> str:
        """Of what is shown of both before they are merged."""
        return version_of([version_shown(each) for each in self.pair])

    def names(self, **values: Any) -> dict[str, Any]:
        """For sentences: what tells both apart."""
        duplicate, stays = told_apart(named(self.duplicate), named(self.stays))
        return {"duplicate": duplicate, "stays": stays, **values}

    def name_of(self, conference: Conference) -> str:
        names = self.names()
        return str(names["stays"] if conference == self.stays else names["duplicate"])


@dataclass(frozen=True)
class People:
    """Current members of the duplicate: those who move as they are, and those with a membership in both."""

    moving: list[Membership]
    # The membership in the duplicate, and that in the conference that stays, which they had left.
    returning: list[tuple[Membership, Membership]]
    in_both: list[tuple[Membership, Membership]]

    @property
    def new(self) -> list[Membership]:
        """Those who become members of the conference that stays, as members of the duplicate."""
        return [*self.moving, *(member for member, _left in self.returning)]

    @property
    def number(self) -> int:
        return len(self.new)

    @property
    def pairs(self) -> list[tuple[Membership, Membership]]:
        return [*self.returning, *self.in_both]


def people_of(merge: Merge) -> People:
    known = {each.user_id: each for each in Membership.objects.filter(conference=merge.stays)}
    people = People([], [], [])
    members = Membership.objects.current().filter(conference=merge.duplicate)
    for member in members.select_related("user").order_by("pk"):
        other = known.get(member.user_id)
        if other is None:
            people.moving.append(member)
        else:
            (people.in_both if other.left_at is None else people.returning).append((member, other))
    return people


def has_new_members(merge: Merge) -> bool:
    """As `people_of` would find them, without reading them."""
    there = Membership.objects.current().filter(conference=merge.stays)
    members = Membership.objects.current().filter(conference=merge.duplicate)
    return members.exclude(user__in=there.values("user")).exists()


def clashing_mailboxes(merge: Merge) -> int:
    """How many members could not move, because the mailbox of their account is a member already."""
    if not merge.stays.one_account_per_mailbox:
        return 0
    members = Membership.objects.current().filter(conference=merge.stays)
    taken, clashing = set(members.exclude(mailbox=None).values_list("mailbox", flat=True)), 0
    for member in people_of(merge).new:
        digests = mailbox_digests(member.user.email)
        clashing += not taken.isdisjoint(digests)
        taken.update(digests)
    return clashing


def move_members(merge: Merge, people: People, at: datetime) -> None:
    """In the transaction that has locked both conferences and their votes.

    Those who move join now, as far as the vote of the conference that stays is concerned. Exclusions and
    answers to requests to join move along, or a merge would be a way around them.
    """
    if not merge.duplicate.members_are_listed:
        keep_hidden(merge.duplicate)
        _reload_listing(people.moving)
    excluded = mailboxes.excluded_digests(merge.stays)
    for member in people.moving:
        member.conference, member.joined_at, member.join_code = merge.stays, at, None
        member.mailbox = _digest_for(merge.stays, member)
    columns = ["conference", "joined_at", "join_code", "mailbox"]
    Membership.objects.bulk_update(people.moving, columns, batch_size=BATCH)
    for member, left in people.returning:
        come_back(conference=merge.stays, membership=left, mailbox=_digest_for(merge.stays, member))
        _keep_out(member, left)
    for member in people.moving:
        if not excluded.isdisjoint(mailbox_digests(member.user.email)):
            keep_excluded(membership=member, is_new=True)
    _move_exclusions(merge, people)
    _move_requests(merge)
    _keep_links(merge, people)


def _reload_listing(members: list[Membership]) -> None:
    hidden = Membership.objects.filter(pk__in=[each.pk for each in members], is_listed=False)
    known = set(hidden.values_list("pk", flat=True))
    for member in members:
        member.is_listed = False if member.pk in known else member.is_listed


def _digest_for(conference: Conference, member: Membership) -> str | None:
    return mailbox_digest(member.user.email) if conference.one_account_per_mailbox else None


def _keep_out(member: Membership, back: Membership) -> None:
    """What organisers of the duplicate excluded or hid stays so."""
    if member.excluded_at and back.excluded_at is None:
        set_excluded(membership=back, excluded_at=member.excluded_at, reason=member.exclusion_reason)
    if member.profile_hidden_at and back.profile_hidden_at is None:
        hidden = ("profile_hidden_at", "profile_hidden_reason")
        Membership.objects.filter(pk=back.pk).update(**{name: getattr(member, name) for name in hidden})
    back.refresh_from_db()


def _move_exclusions(merge: Merge, people: People) -> None:
    """Of mailboxes that are not excluded here; members of both are as the conference that stays has them."""
    here = ExcludedMailbox.objects.filter(conference=merge.stays)
    known = set(here.values_list("digest", flat=True))
    for member, _other in people.in_both:
        known.update(mailbox_digests(member.user.email))
    found = ExcludedMailbox.objects.filter(conference=merge.duplicate)
    _move(found, [row.pk for row in found if row.digest not in known], merge.stays)


def _move_requests(merge: Merge) -> None:
    """A request that waits is answered by the team of the conference that stays, unless it has one too."""
    members = Membership.objects.current().filter(conference=merge.stays)
    has_one = set(members.values_list("user", flat=True))
    has_one.update(
        JoinRequest.objects.waiting().filter(conference=merge.stays).values_list("user", flat=True)
    )
    found = JoinRequest.objects.filter(conference=merge.duplicate)
    moving = [row.pk for row in found if not (row.is_waiting and row.user_id in has_one)]
    _move(found, moving, merge.stays)


def _move(rows: Any, ids: Collection[int], stays: Conference) -> None:
    rows.filter(pk__in=ids).update(conference=stays)


def _keep_links(merge: Merge, people: People) -> None:
    """Links in emails to the membership that goes lead to that which stays."""
    known = {member.pk: other.pk for member, other in people.pairs}
    earlier = OldMembership.objects.filter(membership__conference=merge.duplicate)
    links = [link for link in earlier if link.membership_id in known]
    for link in links:
        link.membership_id = known[link.membership_id]
    OldMembership.objects.bulk_update(links, ["membership"], batch_size=BATCH)
    found = [OldMembership(pk=old, membership_id=new) for old, new in known.items()]
    OldMembership.objects.bulk_create(found, batch_size=BATCH)
