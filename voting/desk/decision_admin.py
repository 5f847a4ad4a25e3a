from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conferences.local_times import in_zone
from conferences.teams.scoped_admin import ScopedAdmin
from voting.elections.models import Decision, Pitch
from voting.elections.results import may_see_tally


class ReadOnlyAdmin(ScopedAdmin[Any]):
    """For tables that organisers may read; they are changed only by members and on the desk."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    to_conference = "election__conference__"
    list_display = ["conference", "speaker_name", "decided", "decided_by", "answer"]
    list_filter = ["answer"]
    list_select_related = ["election__conference", "decided_by"]
    search_fields = ["election__conference__title", "speaker_name"]
    fields = [
        "election",
        "speaker_name",
        "decided_by",
        "decided",
        "reason",
        "answer",
        "answered",
        "requested_by",
        "decline_reason",
        "counted",
    ]

    without_link = {"decided_by": "decider"}

    @admin.display(description=gettext_lazy("decided by"))
    def decider(self, decision: Decision) -> str:
        return str(decision.decided_by)

    def get_fields(self, request: HttpRequest, obj: Decision | None = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        if obj is None or not may_see_tally(request.user, obj.election.conference):
            fields.remove("counted")
        if obj is None or not request.user.has_perm("voting.add_decision", obj):
            fields.remove("decline_reason")
        return fields

    @admin.display(description=gettext_lazy("conference"), ordering="election__conference")
    def conference(self, decision: Decision) -> str:
        return str(decision.election)

    @admin.display(description=gettext_lazy("decided"), ordering="decided_at")
    def decided(self, decision: Decision) -> str:
        return in_zone(decision.election.conference, decision.decided_at)

    @admin.display(description=gettext_lazy("answered"))
    def answered(self, decision: Decision) -> str:
        return in_zone(decision.election.conference, decision.answered_at) or "–"

    @admin.display(description=gettext_lazy("answer requested by"))
    def requested_by(self, decision: Decision) -> str:
        return in_zone(decision.election.conference, decision.reply_by) or "–"

    @admin.display(description=gettext_lazy("votes at the time of the decision"))
    def counted(self, decision: Decision) -> SafeString:
        rows = [(s["rank"], s["name"], s["votes"]) for s in decision.tally.get("standings", [])]
        head = (_("Rank"), _("Candidate"), _("Votes"))
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        table = "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>"
        return format_html(table, *head, body)


@admin.register(Pitch)
class PitchAdmin(ReadOnlyAdmin):
    to_conference = "membership__conference__"
    list_display = ["headline", "member", "conference", "updated_at"]
    list_select_related = ["membership__user", "membership__conference"]
    search_fields = ["headline", "membership__user__name", "membership__conference__title"]
    fields = ["membership", "headline", "statement", "updated_at"]
    without_link = {"membership": "member"}

    @admin.display(description=gettext_lazy("member"), ordering="membership__user__name")
    def member(self, pitch: Pitch) -> str:
        return str(pitch.membership)

    @admin.display(description=gettext_lazy("conference"), ordering="membership__conference__title")
    def conference(self, pitch: Pitch) -> str:
        return str(pitch.membership.conference)
