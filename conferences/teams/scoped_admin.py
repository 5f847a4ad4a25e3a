"""Pages of the admin that show each person the rows of the conferences they run."""

from typing import Any, TypeVar

from django.contrib.auth import get_permission_codename
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.audited_admin import AuditedAdmin
from accounts.permissions import Viewer, has_site_permission
from conferences.models import Conference
from conferences.teams.scopes import conference_of

Row = TypeVar("Row", bound=models.Model)


class ScopedAdmin(AuditedAdmin[Row]):
    """Starts from the rows that the person manages; others do not exist. Permissions are asked per row.

    This covers lists, counts, filters, actions, histories and links.
    """

    # The path from a row to its conference; None where the rows belong to none.
    to_conference: str | None = None
    # Columns that link to another page of the admin, and what those see in their place who may not open it.
    without_link: dict[str, str] = {}
    # Columns that are shown in another way to those who only read: Django knows no zone of a conference.
    when_read: dict[str, str] = {}

    def permission(self, act: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(act, self.opts)}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        found: QuerySet[Row] = self.managed(super().get_queryset(request), request.user)
        if self.to_conference is None or self._is_of_one(request):
            return found
        # A rehearsal has pages, but is in no list of several conferences. Not by a condition on the joined
        # conference: MariaDB would begin with it, and sort what it finds of all of them.
        rehearsals = Conference.objects.rehearsals().order_by().values("pk")
        return found.exclude(**{f"{self.to_conference}pk__in": rehearsals})

    def _is_of_one(self, request: HttpRequest) -> bool:
        """Whether the page is about one row, or lists those of one conference."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        is_list = (name or "").endswith("_changelist")
        return not is_list or f"{self.to_conference}id__exact" in request.GET

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        """Pages of one row of a rehearsal say so, like all others."""
        stored = context.get("original")
        conference = conference_of(stored) if stored is not None and self.to_conference else None
        context["rehearsal"] = conference if conference and conference.is_rehearsal else None
        return super().render_change_form(request, context, *args, **options)

    def managed(self, rows: Any, user: Viewer) -> Any:
        view, change = self.permission("view"), self.permission("change")
        # As everywhere in the admin, who may change a row may look at it.
        asked = change if has_site_permission(user, change) else view
        return rows.managed_by(user, asked)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found: Any = super().get_fieldsets(request, obj)
        plain = {
            name: text for name, text in self.without_link.items() if not self._opens(request, obj, name)
        }
        if obj and not self.has_change_permission(request, obj):
            plain |= self.when_read
        return [
            (title, part | {"fields": [plain.get(n, n) for n in part["fields"]]}) for title, part in found
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_readonly_fields(request, obj)
        return [*found, *self.without_link.values(), *self.when_read.values()]

    def _opens(self, request: HttpRequest, obj: Any, name: str) -> bool:
        """Whether the person may open the page to which this column links."""
        linked: Any = self.opts.get_field(name).related_model
        permission = f"{linked._meta.app_label}.{get_permission_codename('view', linked._meta)}"
        return bool(request.user.has_perm(permission, getattr(obj, name, None)))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def _may(self, request: HttpRequest, act: str, obj: Any) -> bool:
        return bool(request.user.has_perm(self.permission(act), obj))
