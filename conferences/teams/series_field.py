"""In which series a person can create a conference, or move one."""

from typing import Any

from accounts.permissions import Viewer, has_site_permission
from conferences.models import Conference, Series

CREATE = "conferences.add_conference"


def may_move(user: Viewer, conference: Conference) -> bool:
    """Whether the person may take it out of its series: an owner, who may create conferences there, too.

    A rehearsal stays with the team that tries it.
    """
    if conference.is_rehearsal:
        return False
    if has_site_permission(user, CREATE):
        return True
    if not user.has_perm("conferences.change_teammember", conference):
        return False
    current = conference.series_id
    return current is None or Series.objects.managed_by(user, CREATE).filter(pk=current).exists()


def offer_series(field: Any, *, user: Viewer, conference: Conference | None) -> None:
    """Offers the series in which the person may create; only the site has conferences without one."""
    field.queryset = Series.objects.managed_by(user, CREATE)
    has_one = conference is None or conference.series_id is not None
    field.required = has_one and not has_site_permission(user, CREATE)
    if conference is None and field.required and field.queryset.count() == 1:
        field.initial = field.queryset.get().pk
    field.widget.can_add_related = field.widget.can_change_related = False
    field.widget.can_view_related = field.widget.can_delete_related = False
