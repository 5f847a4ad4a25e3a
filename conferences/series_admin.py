"""Series in the admin: those that a person runs, and for site organisers the form to create one."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import actor_of
from confbox.kit.admin_cells import labelled
from confbox.kit.form_pages import posted
from conferences.consent.acts import ACTS
from conferences.consent.urls import setting_urls
from conferences.models import Series
from conferences.teams import admin_views
from conferences.teams.access import CHANGE, team_url
from conferences.teams.actions import create_series
from conferences.teams.forms import SeriesForm
from conferences.teams.scoped_admin import ScopedAdmin
from conferences.teams.urls import team_urls
from conferences.webhooks.links import CHANGE as CHANGE_CONFERENCES
from conferences.webhooks.links import url_of_list
from conferences.webhooks.urls import webhook_urls


@admin.register(Series)
class SeriesAdmin(ScopedAdmin[Series]):
    list_display = ["name", "number"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    fields = ["name", "slug", "team", "second_person", "webhooks", "conferences", "created_by", "created_at"]
    readonly_fields = ["team", "second_person", "second_person_to_set", "webhooks", "conferences"]
    without_link = {"created_by": "creator"}

    def get_urls(self) -> list[URLPattern]:
        rename = self.admin_site.admin_view(admin_views.rename)
        own = path("<row:pk>/rename/", rename, name="conferences_series_rename")
        more = [*team_urls(self.admin_site, Series), *setting_urls(self.admin_site)]
        more += webhook_urls(self.admin_site, Series)
        return [own, *more, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        context["may_rename"] = request.user.has_perm(CHANGE, context.get("original"))
        return super().render_change_form(request, context, *args, **options)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only owners find the page with the switches."""
        found, owns = super().get_fieldsets(request, obj), request.user.has_perm(CHANGE, obj)
        plain = {"second_person": "second_person_to_set"} if owns else {}
        hidden = set() if request.user.has_perm(CHANGE_CONFERENCES, obj) else {"webhooks"}
        return [
            (title, part | {"fields": [plain.get(n, n) for n in part["fields"] if n not in hidden]})
            for title, part in found
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        return (
            super()
            .get_queryset(request)
            .annotate(number=Count("conferences", filter=Q(conferences__rehearses=None)))
        )

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The person who creates a series is its first owner."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form: Any = SeriesForm(posted(request))
        if form.is_bound and form.is_valid():
            try:
                series = create_series(by=actor_of(request), **form.cleaned_data)
                messages.success(request, _("The series is created. You are its owner; invite the others."))
                return redirect(team_url(series))
            except ValidationError as refusal:
                form.add_error(None, refusal)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": _("New series")}
        context |= {"form": form, "list_url": reverse("admin:conferences_series_changelist")}
        # The name fills in the URL name.
        filled = AdminForm(form, [(None, {"fields": ["name", "slug"]})], {"slug": ["name"]})
        context |= {"adminform": filled, "media": self.media}
        return TemplateResponse(request, "admin/conferences/teams/add_series.html", context)

    @admin.display(description=gettext_lazy("conferences"), ordering="number")
    def number(self, series: Any) -> str:
        return labelled(gettext_lazy("conferences"), series.number)

    @admin.display(description=gettext_lazy("created by"), empty_value="–")
    def creator(self, series: Series) -> str | None:
        return str(series.created_by) if series.created_by else None

    @admin.display(description=gettext_lazy("team"))
    def team(self, series: Series) -> str:
        return format_html('<a href="{}">{}</a>', team_url(series), _("Open the team"))

    @admin.display(description=gettext_lazy("webhooks"))
    def webhooks(self, series: Series) -> str:
        return format_html('<a href="{}">{}</a>', url_of_list(series), _("Open the webhooks"))

    @admin.display(description=gettext_lazy("a second person confirms"))
    def second_person(self, series: Series) -> SafeString:
        acts = [act.label for act in ACTS.values() if act.name in series.needs_consent]
        listed = format_html_join("", "<li>{}</li>", ([act] for act in acts))
        return format_html("<ul>{}</ul>", listed) if acts else format_html("<p>{}</p>", _("Nothing."))

    @admin.display(description=gettext_lazy("a second person confirms"))
    def second_person_to_set(self, series: Series) -> SafeString:
        url, words = reverse("admin:conferences_series_consent", args=[series.pk]), self.second_person(series)
        return format_html('{}<a href="{}">{}</a>', words, url, _("Set what needs a second person"))

    @admin.display(description=gettext_lazy("conferences"))
    def conferences(self, series: Series) -> SafeString:
        found = series.conferences.real().order_by("-starts_at", "-pk")[:100]
        rows = ((reverse("admin:conferences_conference_change", args=[c.pk]), c) for c in found)
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a></li>', rows))
