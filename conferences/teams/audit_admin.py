"""The audit log in the admin, for the site's organisers and for teams."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.act_admin import AdminActAdmin, ListOfActs
from accounts.audited_admin import AlphabeticalList
from accounts.models import AdminAct, User
from accounts.permissions import has_site_permission
from conferences.models import Conference
from conferences.organising.pages import list_context
from conferences.teams.acts import READ, acts_managed_by, as_read, reads_all_names

# IP addresses, and email addresses of the people who act, are for the site's organisers.
OF_SITE = {"address", "by__email__folded"}
WITH_NAMES = {"by", "target", "reason"}


class ActsAsRead(ListOfActs):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = str(_("Audit log: who did what, and when"))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = as_read(self.result_list, cast(User, request.user))


@admin.register(AdminAct)
class TeamActAdmin(AdminActAdmin):
    readonly_fields = [*AdminActAdmin.readonly_fields, "person"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The pages of a conference link to its own part of the log."""
        return lookup == "of_conference" or super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        shown = list_context(request, "audit_log", "of_conference") | (extra_context or {})
        return super().changelist_view(request, shown)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdminAct]:
        found = acts_managed_by(super().get_queryset(request), request.user)
        name = request.resolver_match.url_name if request.resolver_match else ""
        if "of_conference" in request.GET or not (name or "").endswith("_changelist"):
            return found
        # The log of a rehearsal is on its own page alone.
        rehearsals = Conference.objects.rehearsals().order_by()
        return found.exclude(of_conference__in=rehearsals.values("pk"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        return as_read([found], cast(User, request.user))[0] if found else None

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[AlphabeticalList]:
        return ActsAsRead

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """No order, and no search, tells an observer the names that the list does not show."""
        hidden = set() if reads_all_names(request.user) else WITH_NAMES
        return [column for column in self.get_list_display(request) if column not in hidden]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        shown = queryset.filter(with_names=True) if search_term.strip() else queryset
        return super().get_search_results(request, shown, search_term)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._shown(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        found = self._shown(request, super().get_fields(request, obj))
        is_linked = request.user.has_perm("accounts.view_user")
        return [name if is_linked or name != "by" else "person" for name in found]

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self._shown(request, super().get_search_fields(request))

    def _shown(self, request: HttpRequest, columns: Any) -> list[Any]:
        hidden = set() if has_site_permission(request.user, READ) else OF_SITE
        return [column for column in columns if column not in hidden]

    @admin.display(description=_("who"), empty_value="-")
    def person(self, act: AdminAct) -> str | None:
        return str(act.by) if act.by else None
