from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, QuerySet, When
from django.forms import URLInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actors import actor_of
from accounts.permissions import has_site_permission
from confbox.kit.admin_cells import NEVER
from confbox.kit.clock import DatabaseNow
from confbox.kit.local_time_fields import LocalTimeField
from conferences.actions import (
    deactivate_conference,
    lock_conference,
    publish_conference,
)
from conferences.admission.rules import rules_of
from conferences.admission.words import rules_in_words
from conferences.changes.details import follow_details
from conferences.changes.links import links_to_acts
from conferences.changes.urls import changes_urls
from conferences.consent.urls import consent_urls
from conferences.copying.urls import copying_urls
from conferences.creating.urls import creating_urls
from conferences.deleted_objects import shortened
from conferences.filters import SeriesFilter, WhenFilter
from conferences.forms import ConferenceForm
from conferences.history.models import refuse_old_addresses
from conferences.importing.views import import_urls
from conferences.joining.urls import joining_urls
from conferences.local_times import in_zone
from conferences.membership_admin import MembershipAdmin as MembershipAdmin
from conferences.merging.urls import merging_urls
from conferences.models import Conference, RosterEntry
from conferences.organising.pages import tab_context
from conferences.organising.saying import say_saved
from conferences.organising.several import do_to_each
from conferences.overview.failed_email_views import failed_email_urls
from conferences.overview.urls import overview_urls
from conferences.roster.access import ADMIT
from conferences.roster.access import READ as READ_ROSTER
from conferences.roster.urls import roster_urls
from conferences.series_admin import SeriesAdmin as SeriesAdmin
from conferences.teams.acts import READ_MEMBERS
from conferences.teams.audit_admin import TeamActAdmin as TeamActAdmin
from conferences.teams.scoped_admin import ScopedAdmin
from conferences.teams.series_field import may_move, offer_series
from conferences.teams.time_zones import usual_zone
from conferences.teams.urls import team_urls
from conferences.webhooks.urls import webhook_urls

# The audit log has what they are changed to.
LOGGED_VALUES = ("visibility", "members_are_listed", "series")


def _but(hidden: set[str], names: Any) -> list[str]:
    return [name for name in names if name not in hidden]


class ConferenceAdmin(ScopedAdmin[Conference]):
    """The page of a conference; `voting` registers it together with the conference's election."""

    form = ConferenceForm
    formfield_overrides = {
        models.DateTimeField: {"form_class": LocalTimeField},
        models.URLField: {"assume_scheme": "https", "widget": URLInput(attrs={"class": "vURLField"})},
    }
    logged_values = LOGGED_VALUES
    to_conference = ""
    list_display = ["title", "series", "place", "starts", "status"]
    list_select_related = ["series"]
    list_filter = ["status", "visibility", WhenFilter, SeriesFilter]
    search_fields = ["title", "place", "topic", "slug", "series__name"]
    date_hierarchy = "starts_at"
    # Those to come by their dates, then those that are over, the last one first.
    ordering = [
        Case(When(ends_at__gt=DatabaseNow(), then="starts_at")).asc(nulls_last=True),
        *("-starts_at", "-pk"),
    ]
    list_per_page = 50
    actions = ["publish_selected", "deactivate_selected"]
    without_link = {"created_by": "creator", "series": "series_name"}
    when_read = {"starts_at": "starts", "ends_at": "ends"}
    readonly_fields = ["published", "who_may_join", "roster", "created_by", "created", "changed"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "series", "published", "topic", "website", "version"]}),
        (gettext_lazy("Where and when"), {"fields": ["place", "time_zone", "starts_at", "ends_at"]}),
        (gettext_lazy("Agenda"), {"fields": ["agenda"]}),
        (gettext_lazy("Contact"), {"fields": ["contact_name", "contact_email"]}),
        (gettext_lazy("Who sees it"), {"fields": ["visibility", "members_are_listed"]}),
        (gettext_lazy("Joining"), {"fields": ["who_may_join", "one_account_per_mailbox", "roster"]}),
        (gettext_lazy("History"), {"fields": ["created_by", "created", "changed"], "classes": ["collapse"]}),
    ]

    @admin.display(description=gettext_lazy("starts"), ordering="starts_at")
    def starts(self, conference: Conference) -> str:
        return in_zone(conference, conference.starts_at) if conference.has_dates else NEVER

    @admin.display(description=gettext_lazy("ends"))
    def ends(self, conference: Conference) -> str:
        return in_zone(conference, conference.ends_at) if conference.has_dates else NEVER

    @admin.display(description=gettext_lazy("series"), empty_value=NEVER)
    def series_name(self, conference: Conference) -> str | None:
        return str(conference.series) if conference.series else None

    @admin.display(description=gettext_lazy("created by"), empty_value=NEVER)
    def creator(self, conference: Conference) -> str | None:
        return str(conference.created_by) if conference.created_by else None

    @admin.display(description=gettext_lazy("created"))
    def created(self, conference: Conference) -> str:
        return in_zone(conference, conference.created_at)

    @admin.display(description=gettext_lazy("changed"))
    def changed(self, conference: Conference) -> str:
        return in_zone(conference, conference.changed_at) if conference.pk else NEVER

    @admin.display(description=gettext_lazy("status"))
    def published(self, conference: Conference) -> str:
        """Each act that changes it has a page of its own, which says what follows."""
        if not conference.pk:
            return _("It becomes a draft: only its team sees it until you publish it.")
        return format_html("{} {}", conference.get_status_display(), links_to_acts(conference))

    @admin.display(description=gettext_lazy("who may join"))
    def who_may_join(self, conference: Conference) -> str:
        if not conference.pk:
            return _("Everyone. Once the conference is saved, you can set other rules here.")
        url = reverse("admin:conferences_joining", args=[conference.pk])
        words = rules_in_words(rules_of(conference))
        return format_html('{} <a href="{}">{}</a>', words, url, _("Set who may join"))

    @admin.display(description=gettext_lazy("roster"))
    def roster(self, conference: Conference) -> str:
        if not conference.pk:
            return NEVER
        number = RosterEntry.objects.filter(conference=conference).present().count()
        people = ngettext("%(n)d person is on it.", "%(n)d people are on it.", number) % {"n": number}
        purpose = _("The email addresses that belong to this conference. Only the team sees them.")
        url = reverse("admin:conferences_roster", args=[conference.pk])
        words = format_html("{} {}", purpose, people)
        return format_html('{} <a href="{}">{}</a>', words, url, _("Open the roster"))

    @admin.action(description=gettext_lazy("Publish selected conferences"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Conference]) -> None:
        by, queryset = actor_of(request), self._changeable(request, queryset)
        done, refusals = do_to_each(publish_conference, queryset, by)
        skipped = queryset.count() - done - len(refusals)
        for refusal in refusals:
            self.message_user(request, refusal, messages.ERROR)
        sentence = ngettext("%(n)d conference published.", "%(n)d conferences published.", done)
        self._tell(request, sentence % {"n": done}, skipped, _("already published"))

    @admin.action(description=gettext_lazy("Deactivate selected conferences"), permissions=["change"])
    def deactivate_selected(self, request: HttpRequest, queryset: QuerySet[Conference]) -> None:
        queryset = self._changeable(request, queryset)
        done, refusals = do_to_each(deactivate_conference, queryset, actor_of(request))
        skipped = queryset.count() - done - len(refusals)
        for refusal in refusals:
            self.message_user(request, refusal, messages.ERROR)
        sentence = ngettext("%(n)d conference deactivated.", "%(n)d conferences deactivated.", done)
        self._tell(request, sentence % {"n": done}, skipped, _("already inactive"))

    def _changeable(self, request: HttpRequest, chosen: Any) -> QuerySet[Conference]:
        """Of those that were chosen from the list, which also has conferences that the person only reads."""
        found: QuerySet[Conference] = chosen.managed_by(request.user, self.permission("change"))
        return found

    def _tell(self, request: HttpRequest, sentence: str, skipped: int, why: str) -> None:
        if skipped:
            sentence += " " + _("Skipped: %(n)d (%(why)s).") % {"n": skipped, "why": why}
        self.message_user(request, sentence, messages.WARNING if skipped else messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        own = [*import_urls(self), *roster_urls(self.admin_site), *joining_urls(self.admin_site)]
        own += [*team_urls(self.admin_site, Conference), *copying_urls(self.admin_site)]
        own += [
            *consent_urls(self.admin_site),
            *failed_email_urls(self.admin_site),
            *changes_urls(self.admin_site),
            *merging_urls(self.admin_site),
            *overview_urls(self.admin_site),
            *creating_urls(self.admin_site),
            *webhook_urls(self.admin_site, Conference),
        ]
        return [*own, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: a for name, a in super().get_actions(request).items() if name != "delete_selected"}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """On a POST the row stays locked until the end, so that what the form checks is what is stored."""
        found = super().get_object(request, object_id, from_field)
        return lock_conference(found.pk) if found and request.method == "POST" else found

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """For those who see the members: reasons in it were written about some of them."""
        found = self.get_object(request, object_id)
        if found and not request.user.has_perm(READ_MEMBERS, found):
            raise PermissionDenied
        shown = tab_context(request, found, "details") if found else {}
        return super().history_view(request, object_id, shown | (extra_context or {}))

    def get_readonly_fields(self, request: HttpRequest, obj: Conference | None = None) -> list[str]:
        is_public = obj is not None and obj.status != Conference.Status.DRAFT
        is_fixed = obj is not None and not may_move(request.user, obj)
        fixed = [*(["slug"] if is_public else []), *(["series"] if is_fixed else [])]
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_fieldsets(self, request: HttpRequest, obj: Conference | None = None) -> Any:
        """Without the links to pages that the person may not open."""
        needs = {"roster": READ_ROSTER, "who_may_join": ADMIT}
        hidden = {name for name, asked in needs.items() if not request.user.has_perm(asked, obj)}
        found = super().get_fieldsets(request, obj)
        if obj is not None and not self.has_change_permission(request, obj):
            hidden.add("published")
        return [(title, part | {"fields": _but(hidden, part["fields"])}) for title, part in found]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        if "series" in form.base_fields:
            offer_series(form.base_fields["series"], user=request.user, conference=obj)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        zone = usual_zone(request.user)
        return ({"time_zone": zone} if zone else {}) | super().get_changeform_initial_data(request)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        stored = context.get("original")
        context["permissions"] = request.user.get_all_permissions(stored)
        context["show_save_and_add_another"] = False
        if stored is not None:
            context |= tab_context(request, stored, "details") | {"subtitle": None}
        return super().render_change_form(request, context, *args, **options)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Conference | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["title"]}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if joined := [c for c in objs if c.memberships.exists()]:
            return [], {}, set(), [str(c) for c in joined]
        to_delete, *others = super().get_deleted_objects(objs, request)
        return shortened(to_delete), *others

    def save_model(self, request: HttpRequest, obj: Conference, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        obj.has_dates = True
        super().save_model(request, obj, form, change)
        if change:
            follow_details(obj, form.changed_data)
        else:
            refuse_old_addresses([obj.slug])

    def response_add(
        self, request: HttpRequest, obj: Conference, post_url_continue: str | None = None
    ) -> HttpResponse:
        said = _("“%(title)s” has been created. Only its team sees it until it is published.")
        return self._saved(request, obj, said % {"title": obj})

    def response_change(self, request: HttpRequest, obj: Conference) -> HttpResponse:
        return self._saved(request, obj, _("Saved."))

    def _saved(self, request: HttpRequest, conference: Conference, sentence: str) -> HttpResponse:
        say_saved(request, conference.pk, sentence, of_vote=True)
        goes_on = "_continue" in request.POST
        page = "admin:conferences_conference_change" if goes_on else "admin:conferences_overview"
        return redirect(page, conference.pk)

    def view_on_site(self, obj: Conference) -> str | None:
        return None if obj.status == Conference.Status.DRAFT else obj.get_absolute_url()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        # The date hierarchy asks the database for local dates; without zone tables MariaDB knows only UTC.
        with timezone.override(timezone.get_default_timezone()):
            shown = {"may_import": has_site_permission(request.user, "conferences.add_conference")}
            response = super().changelist_view(request, shown | (extra_context or {}))
            return response.render() if isinstance(response, TemplateResponse) else response
