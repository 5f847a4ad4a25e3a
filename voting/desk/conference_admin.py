"""The page of a conference for organisers, with its election."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.admin_cells import NEVER
from conferences.admin import ConferenceAdmin
from conferences.local_times import in_zone
from conferences.models import Conference
from conferences.namesakes import full_title, with_namesakes
from conferences.teams.acts import READ_MEMBERS
from voting.desk.conference_forms import COLUMNS, LIMITS, OF_THE_VOTE, WINDOW, ConferenceAndElectionForm
from voting.desk.filters import ConferenceVotingFilter
from voting.desk.moderation_views import moderation_urls
from voting.desk.passed_on_views import passed_on_urls
from voting.desk.preview_views import preview_urls
from voting.desk.rehearsal_views import rehearsal_urls
from voting.desk.report_views import report_urls
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election


def _shown(column: str) -> Any:
    """Shows a column of the election to organisers who may see the form but not change it."""

    def show(conference: Conference) -> Any:
        value = getattr(conference.election, column)
        return (in_zone(conference, value) or NEVER) if column in WINDOW.values() else value

    return admin.display(description=Election._meta.get_field(column).verbose_name)(show)  # type: ignore[union-attr]


@admin.register(Conference)
class ConferenceAndElectionAdmin(ConferenceAdmin):
    form = ConferenceAndElectionForm
    list_display = [full_title, *ConferenceAdmin.list_display[1:], "voting"]
    list_filter = [*ConferenceAdmin.list_filter, ConferenceVotingFilter]
    list_select_related = [*ConferenceAdmin.list_select_related, "election"]
    readonly_fields = ["rules", "speaker", "speaker_name", *ConferenceAdmin.readonly_fields]
    fieldsets = [
        *ConferenceAdmin.fieldsets[:-1],
        (gettext_lazy("Voting"), {"fields": [*WINDOW, "rules", "speaker"]}),
        (gettext_lazy("Campaigns"), {"fields": [*LIMITS]}),
        ConferenceAdmin.fieldsets[-1],
    ]
    voting_opens_at, voting_closes_at, campaigns_per_candidate, campaign_gap_hours, reminder_limit = map(
        staticmethod, map(_shown, COLUMNS.values())
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_namesakes(super().get_queryset(request))  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [*moderation_urls(site), *report_urls(site), *passed_on_urls(site)]
        own += [*preview_urls(site), *rehearsal_urls(site)]
        return [*own, *super().get_urls()]

    @admin.display(description=gettext_lazy("voting"))
    def voting(self, conference: Conference) -> str:
        return conference.election.state_for_organisers()

    @admin.display(description=gettext_lazy("speaker"))
    def speaker(self, conference: Conference) -> str:
        speaker = conference.election.speaker
        if speaker is None:
            return NEVER
        page = reverse("admin:conferences_membership_change", args=[speaker.pk])
        return format_html('<a href="{}">{}</a>', page, speaker)

    @admin.display(description=gettext_lazy("speaker"), empty_value=NEVER)
    def speaker_name(self, conference: Conference) -> str | None:
        return str(conference.election.speaker) if conference.election.speaker else None

    def get_fieldsets(self, request: HttpRequest, obj: Conference | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if request.user.has_perm(READ_MEMBERS, obj):
            return found
        plain = {"speaker": "speaker_name"}
        return [(name, part | {"fields": [plain.get(n, n) for n in part["fields"]]}) for name, part in found]

    @admin.display(description=gettext_lazy("rules"))
    def rules(self, conference: Conference) -> str:
        election = getattr(conference, "election", None) or Election()
        if election.rules_set_at is None:
            return _("Not set yet. Voting opens only after you have set them on the page “Turnout”.")
        return "; ".join(
            (
                _("Who votes: %(rule)s") % {"rule": election.get_who_votes_display()},
                _("members see results: %(rule)s") % {"rule": election.get_results_visibility_display()},
                _("organisers see votes per candidate: %(rule)s")
                % {"rule": election.get_organisers_see_tally_display()},
                _("late joiners: %(rule)s") % {"rule": election.get_late_joiners_display()},
                _("ties: %(rule)s") % {"rule": election.get_ties_display()},
            )
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        form = context["adminform"].form
        if form.is_stale and not form.has_other_errors():
            context["errors"] = []  # There is nothing to correct: the page says what to do.
        return super().render_change_form(request, context, *args, **options)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """On a POST that changes the vote, its election stays locked, too."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and self._touches_vote(request, found):
            election = lock_election(found.pk)
            found.as_of, election.conference = election.as_of, found
        return found

    def _touches_vote(self, request: HttpRequest, conference: Conference) -> bool:
        entered = self.get_form(request, conference, change=True)(request.POST, instance=conference)
        return not OF_THE_VOTE.isdisjoint(entered.changed_data)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An election is deleted with its conference, which has no members yet."""
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, needed - {Election._meta.verbose_name}, protected

    def save_model(self, request: HttpRequest, obj: Conference, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        form.save_election(obj)
