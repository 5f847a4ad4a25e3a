"""How many members a conference has, without asking about the account of each."""

from confbox.kit.bounded_counts import Counted, count_rows
from conferences.models import Conference, Membership

MOST_COUNTED = 10_000


def member_count(conference: Conference) -> Counted:
    """Those whose account is active. An index has the members, and another one the accounts that are not."""
    members = Membership.objects.current().filter(conference=conference)
    found = count_rows(members, MOST_COUNTED)
    if found.is_more:
        return found
    return Counted(found.number - members.filter(user__is_active=False).count())
