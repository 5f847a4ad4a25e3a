"""Votes per candidate in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences.filters import VotingStateFilter, WhenFilter
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.desk import consent_views, exclusion_views, exports, views, window_views
from voting.desk.decision_admin import ReadOnlyAdmin
from voting.elections.models import Tally


@admin.register(Tally)
class TallyAdmin(ReadOnlyAdmin):
    """Votes per candidate of each conference. Nowhere a single person's vote."""

    list_display = ["title", "voting", "closes", "members", "votes", "turnout", "chosen"]
    list_filter = [VotingStateFilter, WhenFilter]
    list_per_page = 50
    search_fields = ["title", "place"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tally]:
        return super().get_queryset(request).exclude(status=Conference.Status.DRAFT).with_turnout()  # type: ignore[attr-defined, no-any-return]

    def get_urls(self) -> Any:
        wrap, one = self.admin_site.admin_view, "<row:conference_id>/"
        return [
            path("", wrap(self.changelist_view), name="voting_tally_changelist"),
            path(f"{one}change/", wrap(views.desk), name="voting_tally_change"),
            path(f"{one}rules/", wrap(views.set_rules), name="voting_tally_rules"),
            path(f"{one}close/", wrap(window_views.close), name="voting_tally_close"),
            path(
                f"{one}close-and-decide/",
                wrap(window_views.close),
                {"decides": True},
                "voting_tally_close_and_decide",
            ),
            path(f"{one}move-deadline/", wrap(window_views.move), name="voting_tally_move"),
            path(
                f"{one}window-requests/<row:request_id>/",
                wrap(consent_views.settle),
                name="voting_tally_window_request",
            ),
            path(f"{one}decide/<row:member_id>/", wrap(views.decide), name="voting_tally_decide"),
            path(f"{one}signals/", wrap(exclusion_views.signals), name="voting_tally_signals"),
            path(
                f"{one}exclude/<row:member_id>/", wrap(exclusion_views.exclude), name="voting_tally_exclude"
            ),
            path(f"{one}take-back/<row:decision_id>/", wrap(views.take_back), name="voting_tally_take_back"),
            *(
                path(f"{one}export.{kind}", wrap(exports.export), {"kind": kind}, f"voting_tally_{kind}")
                for kind in exports.FORMATS
            ),
        ]

    @admin.display(description=_("voting"))
    def voting(self, tally: Tally) -> str:
        return str(tally.voting_state().label)

    @admin.display(description=_("voting closes"), ordering="voting_closes_at", empty_value="–")
    def closes(self, tally: Tally) -> str | None:
        return in_zone(tally, tally.voting_closes_at) or None

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, tally: Any) -> int:
        return int(tally.member_count)

    @admin.display(description=_("votes"), ordering="vote_count")
    def votes(self, tally: Any) -> int:
        return int(tally.vote_count)

    @admin.display(description=_("speaker"), empty_value="–")
    def chosen(self, tally: Any) -> str | None:
        name: str | None = tally.speaker_name
        return name

    @admin.display(description=_("turnout"))
    def turnout(self, tally: Any) -> str:
        share = tally.vote_count / tally.member_count if tally.member_count else 0
        return f"{min(share, 1):.0%}"
