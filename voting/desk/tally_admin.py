"""Votes per candidate in the admin."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.audited_admin import AlphabeticalList
from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from confbox.kit.admin_cells import labelled
from confbox.kit.row_counts import OrMore
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.desk import (
    exclusion_views,
    exports,
    hold_views,
    roll_views,
    tab_views,
    timetable_views,
    views,
    window_views,
)
from voting.desk.decision_admin import ReadOnlyAdmin
from voting.desk.filters import ElectionWhenFilter, VotingStateFilter
from voting.elections.election.models import Election
from voting.elections.listed_figures import count, listed


class ListOfVotes(AlphabeticalList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        count(self.result_list)


@admin.register(Election)
class ElectionAdmin(ReadOnlyAdmin):
    """Votes per candidate of each election. Never a single person's vote."""

    to_conference = "conference__"
    rows_in_words = ngettext_lazy("%(n)s conference", "%(n)s conferences", "n")
    list_display = ["title", "voting", "closes", "members", "votes", "turnout", "chosen"]
    list_filter = [VotingStateFilter, ElectionWhenFilter]
    list_per_page = 50
    list_select_related = ["conference"]
    search_fields = ["conference__title", "conference__place"]
    ordering = ["conference__starts_at", "conference"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Election]:
        return listed(super().get_queryset(request)).exclude(conference__status=Conference.Status.DRAFT)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[AlphabeticalList]:
        return ListOfVotes

    def get_urls(self) -> Any:
        """No URLs where Django would put them: `confbox.urls` has these pages below those of the tally."""
        return []

    def tally_urls(self) -> Any:
        one = "<row:conference_id>/"
        pages: list[tuple[str, Any, str]] = [
            ("", self.changelist_view, "changelist"),
            (f"{one}change/", tab_views.old_page, "change"),
            (f"{one}turnout/", tab_views.turnout, "turnout"),
            (f"{one}candidates/", tab_views.candidates, "candidates"),
            (f"{one}decision/", tab_views.decision, "decision"),
            (f"{one}result/", tab_views.result, "result"),
            (f"{one}rules/", views.set_rules, "rules"),
            (f"{one}close/", window_views.close, "close"),
            (f"{one}close-and-decide/", partial(window_views.close, decides=True), "close_and_decide"),
            (f"{one}move-deadline/", window_views.move, "move"),
            (f"{one}correct-reason/<row:change_id>/", window_views.correct_reason, "correct_reason"),
            (f"{one}decide/<row:member_id>/", views.decide, "decide"),
            (f"{one}fraud/", exclusion_views.signals, "signals"),
            (f"{one}exclude/<row:member_id>/", exclusion_views.exclude, "exclude"),
            (f"{one}timetable/", timetable_views.timetable, "timetable"),
            (f"{one}roll/", roll_views.roll, "roll"),
            (f"{one}roll/listed/<row:entry_id>/", roll_views.add_listed, "add_listed"),
            (f"{one}roll/<row:member_id>/", roll_views.change_roll, "change_roll"),
            (f"{one}take-back/<row:decision_id>/", views.take_back, "take_back"),
            (f"{one}keep-linked/", hold_views.keep_linked, "keep_linked"),
            (f"{one}reply-by/<row:decision_id>/", views.reply_by, "reply_by"),
            *(
                (f"{one}export.{kind}", exports.from_tally(partial(exports.export, kind=kind)), kind)
                for kind in exports.FORMATS
            ),
        ]
        wrap = self.admin_site.admin_view
        return [path(route, wrap(view), name=f"voting_election_{name}") for route, view, name in pages]

    @admin.display(description=_("title"), ordering="conference__title")
    def title(self, election: Election) -> str:
        return election.conference.title

    @admin.display(description=_("voting"))
    def voting(self, election: Election) -> str:
        return election.state_for_organisers()

    @admin.display(description=_("voting closes"), ordering="closes_at")
    def closes(self, election: Election) -> str:
        return labelled(_("voting closes"), in_zone(election.conference, election.closes_at))

    @admin.display(description=_("members"))
    def members(self, election: Any) -> str:
        return labelled(_("members"), election.member_count)

    @admin.display(description=_("votes"))
    def votes(self, election: Any) -> str:
        return labelled(_("votes"), election.vote_count)

    @admin.display(description=_("speaker"))
    def chosen(self, election: Any) -> str:
        return labelled(_("speaker"), election.speaker_name)

    @admin.display(description=_("turnout"))
    def turnout(self, election: Any) -> str:
        if OrMore in map(type, (election.vote_count, election.member_count)):
            return labelled(_("turnout"), "")
        share = election.vote_count / election.member_count if election.member_count else 0
        return labelled(_("turnout"), f"{min(share, 1):.0%}")
