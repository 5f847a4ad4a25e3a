"""The part of the audit log that a team reads: what concerns its conferences or its series."""

from django.db.models import Q, QuerySet

from accounts.models import AdminAct
from accounts.permissions import Viewer, has_site_permission
from conferences.models import Conference, Series

READ = "accounts.view_adminact"


def acts_managed_by(acts: QuerySet[AdminAct], user: Viewer) -> QuerySet[AdminAct]:
    if has_site_permission(user, READ):
        return acts
    series = [str(pk) for pk in Series.objects.managed_by(user, READ).values_list("pk", flat=True)]
    of_conferences = Q(of_conference__in=Conference.objects.managed_by(user, READ).values("pk"))
    return acts.filter(of_conferences | Q(kind="series", target_id__in=series))
