"""How many members a conference has, without asking about the account of each."""

from django.db.models import Subquery

from confbox.kit.row_counts import Counted, OrMore, count_each
from conferences.models import Conference, Membership

MOST_COUNTED = 10_000


def member_count(conference: Conference) -> Counted:
    """Those whose account is active. An index has the members, and another one the accounts that are not.

    Of more members than are counted, the disabled ones are not looked for: there may be very many.
    """
    members = Membership.objects.current().filter(conference=conference).order_by()
    beyond = Subquery(members.values("pk")[MOST_COUNTED : MOST_COUNTED + 1])
    disabled = members.filter(user__is_active=False).alias(beyond=beyond).filter(beyond=None)
    number, off = count_each([members, disabled], MOST_COUNTED)
    return Counted(number - off, is_more=isinstance(number, OrMore))
