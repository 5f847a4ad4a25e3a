"""The members of conferences in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy

from accounts.actors import actor_of
from accounts.permissions import Viewer, has_site_permission
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import is_second_click
from confbox.kit.admin_cells import NEVER, labelled
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.spreadsheets import sheet
from confbox.kit.url_converters import is_row_number
from conferences.actions import export_members
from conferences.filters import EmptyInWords
from conferences.local_times import in_zone
from conferences.members_along_an_index import MembersAlongAnIndex
from conferences.models import Conference, Membership
from conferences.organising.pages import OF_ONE_CONFERENCE, columns_of, list_context
from conferences.teams.scoped_admin import ScopedAdmin


def is_of_one_conference(request: HttpRequest) -> bool:
    return is_row_number(request.GET.get(OF_ONE_CONFERENCE, ""))


class LeftFilter(EmptyInWords):
    heading = gettext_lazy("membership")
    empty = gettext_lazy("Members now")
    filled = gettext_lazy("Have left")


class ExcludedFilter(EmptyInWords):
    heading = gettext_lazy("exclusion from the vote")
    empty = gettext_lazy("Not excluded")
    filled = gettext_lazy("Excluded from the vote")


class ConferencesWithMembers(admin.RelatedFieldListFilter):
    """Offers the conferences that the person manages and that someone has joined."""

    def has_output(self) -> bool:
        """Also if there is nothing to choose from: a filter that is left out does not filter."""
        return super().has_output() or self.lookup_val is not None

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        managed = model_admin.managed(Conference.objects.all(), request.user)
        if OF_ONE_CONFERENCE not in request.GET:
            managed = managed.real()
        ordering = self.field_admin_ordering(field, request, model_admin)
        found = dict(managed.order_by(*ordering).values_list("pk", "title"))
        # On its own, so that an index leads from conference to conference.
        members = Membership.objects.filter(conference__in=list(found)).order_by()
        joined = set(members.values_list("conference", flat=True).distinct())
        return [(pk, title) for pk, title in found.items() if pk in joined]


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin[Membership]):
    to_conference = "conference__"
    list_display = ["person", "address", "conference", "joined", "left", "accepts_votes"]
    list_filter = [
        "accepts_votes",
        ("left_at", LeftFilter),
        ("excluded_at", ExcludedFilter),
        ("conference", ConferencesWithMembers),
    ]
    list_select_related = ["user", "conference"]
    search_fields = ["user__name", "user__email", "conference__title"]
    to_person = "user"
    # Below the field: `search_help_text` would take away the name that its label gives it.
    searched = gettext_lazy("Name, email address or conference")
    show_full_result_count = False
    paginator = BoundedPaginator
    fields = [
        "user",
        "address",
        "conference",
        "joined",
        "joined_with",
        "left",
        "accepts_votes",
        "listed",
        "excluded",
        "exclusion_reason",
    ]
    actions = ["export_selected"]
    without_link = {"user": "person"}
    # Members see that page, and those who run the conference need not be members.
    view_on_site = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = list_context(request, "members") | (extra_context or {})
        return super().changelist_view(request, shown)

    def get_sorted_if_long(self, request: HttpRequest) -> list[str]:
        return ["person", "address", "left"] if is_of_one_conference(request) else []

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> BoundedPaginator:
        kind = MembersAlongAnIndex if is_of_one_conference(request) else BoundedPaginator
        return kind(*args, **options)

    def managed(self, rows: Any, user: Viewer) -> Any:
        """Members by the IDs of their conferences: with a subquery, MariaDB would read and sort all."""
        view = self.permission("view")
        if rows.model is not Membership or has_site_permission(user, view):
            return super().managed(rows, user)
        managed = super().managed(Conference.objects.order_by(), user)
        return rows.filter(conference__in=list(managed.values_list("pk", flat=True)))

    def get_list_display(self, request: HttpRequest) -> Any:
        return columns_of(request, super().get_list_display(request))

    @admin.action(description=gettext_lazy("Export selected members (CSV)"), permissions=["view"])
    def export_selected(self, request: HttpRequest, chosen: QuerySet[Membership]) -> HttpResponse:
        require_fresh_log_in(request)
        columns = ["conference__title", "user__name", "user__email", "user__profession"]
        columns += ["joined_at", "left_at", "accepts_votes"]
        head = [column.rpartition("__")[2] for column in columns]
        members = export_members(
            memberships=chosen, by=actor_of(request), is_repeated=is_second_click(request)
        )
        return sheet("members", head, members.values_list(*columns).iterator())

    @admin.display(description=gettext_lazy("person"), ordering="user__sort_name")
    def person(self, membership: Membership) -> str:
        return str(membership.user)

    @admin.display(description=gettext_lazy("email address"), ordering="user__email")
    def address(self, membership: Membership) -> str:
        return str(membership.user.email)

    @admin.display(description=gettext_lazy("joined"), ordering="joined_at")
    def joined(self, membership: Membership) -> str:
        return labelled(gettext("joined"), in_zone(membership.conference, membership.joined_at))

    @admin.display(description=gettext_lazy("join code"))
    def joined_with(self, membership: Membership) -> str:
        """Not the code itself, with which those who see this page could let others in."""
        return membership.join_code.label if membership.join_code else NEVER

    @admin.display(description=gettext_lazy("left"), ordering="left_at")
    def left(self, membership: Membership) -> str:
        return labelled(gettext("left"), in_zone(membership.conference, membership.left_at))

    @admin.display(description=gettext_lazy("shown to other members"), boolean=True)
    def listed(self, membership: Membership) -> bool:
        return membership.wants_to_be_listed

    @admin.display(description=gettext_lazy("excluded from the vote"))
    def excluded(self, membership: Membership) -> str:
        return in_zone(membership.conference, membership.excluded_at) or NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False
