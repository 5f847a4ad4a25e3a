"""The audit log in the admin, for the site's organisers and for teams."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import AdminActAdmin
from accounts.models import AdminAct
from accounts.permissions import has_site_permission
from conferences.teams.acts import READ, acts_managed_by

# IP addresses, and email addresses of the people who act, are for the site's organisers.
OF_SITE = {"address", "by__email__folded"}


@admin.register(AdminAct)
class TeamActAdmin(AdminActAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[AdminAct]:
        return acts_managed_by(super().get_queryset(request), request.user)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._shown(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._shown(request, super().get_fields(request, obj))

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self._shown(request, super().get_search_fields(request))

    def _shown(self, request: HttpRequest, columns: Any) -> list[Any]:
        hidden = set() if has_site_permission(request.user, READ) else OF_SITE
        return [column for column in columns if column not in hidden]
