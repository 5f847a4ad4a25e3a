"""Pages of the admin that show each person the rows of the conferences they run."""

from typing import Any, TypeVar

from django.contrib.auth import get_permission_codename
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.audited_admin import AuditedAdmin
from accounts.permissions import Viewer, has_site_permission

Row = TypeVar("Row", bound=models.Model)


class ScopedAdmin(AuditedAdmin[Row]):
    """Starts from the rows that the person manages; others do not exist. Permissions are asked per row.

    This covers lists, counts, filters, actions, histories and links.
    """

    # Columns that link to another page, and what those see in their place who may not open it.
    without_link: dict[str, str] = {}
    link_needs = "accounts.view_user"

    def permission(self, act: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(act, self.opts)}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        found: QuerySet[Row] = self.managed(super().get_queryset(request), request.user)
        return found

    def managed(self, rows: Any, user: Viewer) -> Any:
        view, change = self.permission("view"), self.permission("change")
        # As everywhere in the admin, who may change a row may look at it.
        asked = change if has_site_permission(user, change) else view
        return rows.managed_by(user, asked)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found: Any = super().get_fieldsets(request, obj)
        if request.user.has_perm(self.link_needs, obj):
            return found
        plain = self.without_link
        return [
            (title, part | {"fields": [plain.get(n, n) for n in part["fields"]]}) for title, part in found
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *self.without_link.values()]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def _may(self, request: HttpRequest, act: str, obj: Any) -> bool:
        return bool(request.user.has_perm(self.permission(act), obj))
