"""One account per mailbox, and exclusions that outlive accounts, both by a keyed digest of the mailbox."""

from django.db.models import Q

from accounts.models import DisabledMailbox, User
from confbox.kit.clock import database_now
from confbox.kit.mailbox_digests import mailbox_digest, mailbox_digests, mailbox_of
from conferences.memberships.models import ExcludedMailbox
from conferences.models import Conference, Membership


def is_taken(*, conference: Conference, user: User) -> bool:
    """Whether another current member joined with this person's mailbox; the database enforces it."""
    others = Membership.objects.current().filter(conference=conference).exclude(user=user)
    return others.filter(mailbox__in=mailbox_digests(user.email)).exists()


def is_excluded(*, conference: Conference, user: User) -> bool:
    """Whether an account of this mailbox is excluded from the vote, even if the account is gone."""
    digests, mailbox = mailbox_digests(user.email), mailbox_of(user.email)
    if ExcludedMailbox.objects.filter(conference=conference, digest__in=digests).exists():
        return True
    excluded = Membership.objects.filter(conference=conference, excluded_at__isnull=False)
    addresses = excluded.exclude(user=user).values_list("user__email", flat=True)
    return any(mailbox_of(address) == mailbox for address in addresses)


def excluded_digests(conference: Conference) -> set[str]:
    """Of all mailboxes of which an account is excluded, to look up many people at once."""
    excluded = Membership.objects.filter(conference=conference, excluded_at__isnull=False)
    addresses = excluded.values_list("user__email", flat=True)
    found = {mailbox_digest(address) for address in addresses}
    return found | set(ExcludedMailbox.objects.filter(conference=conference).values_list("digest", flat=True))


def is_disabled(user: User) -> bool:
    """Whether an account of this mailbox is disabled."""
    return DisabledMailbox.objects.filter(digest__in=mailbox_digests(user.email)).exists()


def remember_excluded(membership: Membership) -> None:
    ExcludedMailbox.objects.get_or_create(
        conference_id=membership.conference_id, digest=mailbox_digest(membership.user.email)
    )


def forget_excluded(membership: Membership) -> None:
    digests = mailbox_digests(membership.user.email)
    ExcludedMailbox.objects.filter(conference=membership.conference_id, digest__in=digests).delete()


def remember_mailboxes(conference: Conference) -> None:
    """For members who joined before the rule. If several have the same mailbox, the first to join gets it."""
    members = Membership.objects.current().filter(conference=conference)
    taken = set(members.exclude(mailbox=None).values_list("mailbox", flat=True))
    lacking = []
    for member in members.filter(mailbox=None).select_related("user").order_by("joined_at", "pk"):
        member.mailbox = mailbox_digest(member.user.email)
        if member.mailbox not in taken:
            taken.add(member.mailbox)
            lacking.append(member)
    Membership.objects.bulk_update(lacking, ["mailbox"], batch_size=500)


def forget_mailboxes() -> int:
    """Deletes digests of exclusions when voting closes, and of members when the conference is over."""
    now = database_now()
    over = Q(conference__ends_at__lte=now)
    election = "conference__election__"
    closed = Q(**{f"{election}closes_at__lte": now}) | Q(**{f"{election}decided_at__isnull": False})
    forgotten = ExcludedMailbox.objects.filter(over | closed).delete()[0]
    return forgotten + Membership.objects.filter(over, mailbox__isnull=False).update(mailbox=None)
