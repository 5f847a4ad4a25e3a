from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audited_admin import AlphabeticalList
from accounts.permissions import Viewer
from conferences.local_times import in_zone
from conferences.organising.pages import columns_of, list_context
from voting.campaigns.kinds.registry import kinds_to_write
from voting.campaigns.models import Campaign
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.desk import announcement_views, campaign_views, invitation_views
from voting.desk.campaign_access import REVIEW, is_ready_for, may_read_some, readable_by
from voting.desk.decision_admin import ReadOnlyAdmin
from voting.desk.filters import CampaignStatusFilter


def status_for(person: Any) -> Callable[[Campaign], str]:
    """A column of the list: an email that waits only for its own author waits for no review."""

    @admin.display(description=_("status"), ordering="status")
    def status(campaign: Campaign) -> str:
        return gettext("Ready to send") if is_ready_for(campaign, person) else campaign.get_status_display()

    return status


class CampaignList(AlphabeticalList):
    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        # The list without any filter shows what waits, so that all has a filter of its own.
        self.clear_all_filters_qs = self.get_query_string(
            {CampaignStatusFilter.parameter_name: "all"}, self.get_filters_params()
        )
        return found


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """The queue of requests, oldest first, and every campaign after its decision."""

    to_conference = "conference__"
    list_display = ["subject", "conference", "kind", "requested_by", "asked"]
    list_filter = [CampaignStatusFilter, "kind"]
    list_select_related = ["conference", "requested_by"]
    search_fields = ["subject", "conference__title", "requested_by__name"]
    list_per_page = 50

    def get_urls(self) -> Any:
        def page(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"voting_campaign_{name}")

        return [
            page("", self.changelist_view, "changelist"),
            page("announce/<row:conference_id>/<slug:kind>/", announcement_views.announce, "announce"),
            page(
                "invitations/<row:conference_id>/<row:entry_id>/",
                invitation_views.send_to_one,
                "send_to_one",
            ),
            page("<row:campaign_id>/change/", campaign_views.review, "change"),
            page("<row:campaign_id>/mail/", campaign_views.email, "email"),
            page("<row:campaign_id>/progress/", campaign_views.progress, "progress"),
            page("<row:campaign_id>/edit/", campaign_views.edit, "edit"),
            page("<row:campaign_id>/approve/", campaign_views.approve, "approve"),
            page("<row:campaign_id>/refuse/", campaign_views.refuse, "refuse"),
            page("<row:campaign_id>/withdraw/", campaign_views.withdraw, "withdraw"),
            page("<row:campaign_id>/stop/", campaign_views.stop, "stop"),
            page("<row:campaign_id>/pause/", campaign_views.pause, "pause"),
            page("<row:campaign_id>/resume/", campaign_views.resume, "resume"),
            page("<row:campaign_id>/settle/", campaign_views.resolve, "resolve"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("requested_at", "pk")

    def get_list_display(self, request: HttpRequest) -> Any:
        return [*columns_of(request, super().get_list_display(request)), status_for(request.user)]

    def managed(self, rows: Any, user: Viewer) -> Any:
        return readable_by(rows, user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Each campaign is looked up among those that the person reads."""
        return may_read_some(request.user)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The dashboard links to the campaigns of one conference."""
        return lookup == "conference__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AlphabeticalList]:
        return CampaignList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Shows open requests unless a filter is set."""
        queue = {CampaignStatusFilter.parameter_name: Campaign.Status.REQUESTED.value}
        if not request.GET:
            request.GET = request.GET.copy()  # type: ignore[assignment]
            request.GET.update(queue)
        shown = {"is_queue": request.GET.dict() == queue} | list_context(request, "campaigns")
        if (conference := shown.get("conference")) and request.user.has_perm(REVIEW, conference):
            shown["kinds_to_write"] = kinds_to_write(conference)
        return super().changelist_view(request, shown | (extra_context or {}))

    @admin.display(description=_("requested"), ordering="requested_at")
    def asked(self, campaign: Campaign) -> str:
        return in_zone(campaign.conference, campaign.requested_at)


@admin.register(UndeliverableAddress)
class UndeliverableAddressAdmin(ReadOnlyAdmin):
    list_display = ["address", "answer", "marked_at"]
    search_fields = ["address"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of the whole site: no role in a team has the permission."""
        return UndeliverableAddress.objects.all()
