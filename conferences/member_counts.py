"""How many members a conference has, without asking about the account of each."""

from typing import Any

from django.db.models import OuterRef

from confbox.kit.row_counts import Counted, count_of, count_rows
from conferences.models import Conference, ConferenceQuerySet, Membership

MOST_COUNTED = 10_000


def with_disabled_members(conferences: ConferenceQuerySet) -> ConferenceQuerySet:
    """Annotates each with the number of members whose account is not active, so that it costs no query."""
    disabled = Membership.objects.current().filter(conference=OuterRef("pk"), user__is_active=False)
    found: Any = conferences.annotate(disabled_members=count_of(disabled, "conference"))
    return found  # type: ignore[no-any-return]


def member_count(conference: Conference) -> Counted:
    """Those whose account is active. An index has the members, and another one the accounts that are not."""
    members = Membership.objects.current().filter(conference=conference)
    found = count_rows(members, MOST_COUNTED)
    if found.is_more:
        return found
    disabled = getattr(conference, "disabled_members", None)
    if disabled is None:
        disabled = members.filter(user__is_active=False).count()
    return Counted(found.number - disabled)
