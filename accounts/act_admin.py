"""The audit log in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Aggregate, CharField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.act_periods import periods_of
from accounts.audit_words import act_in_words, entry_in_words, kind_in_words
from accounts.audited_admin import AlphabeticalList, AuditedAdmin
from accounts.models import AdminAct
from confbox.kit.bounded_search import is_long
from confbox.kit.row_counts import BoundedPaginator


class WhoFilter(admin.SimpleListFilter):
    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("organisers", _("Organisers")), ("members", _("Members"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AdminAct]) -> QuerySet[AdminAct] | None:
        """By what they did, not by who they are: an organiser who joins does so as a member."""
        acts: Any = queryset
        found = {"organisers": acts.of_organisers, "members": acts.own}.get(self.value() or "")
        return found() if found else None


class Codes(Aggregate):
    """The different codes of a column, with commas between them."""

    function = "GROUP_CONCAT"
    allow_distinct = True
    output_field = CharField()


class InWords(admin.AllValuesFieldListFilter):
    """Offers the codes of the newest acts, in the words that the list shows."""

    WORDS: ClassVar = {"act": act_in_words, "kind": kind_in_words}

    def __init__(self, field: Any, request: HttpRequest, *others: Any, **options: Any) -> None:
        super().__init__(field, request, *others, **options)
        _params, _model, model_admin = others
        newest = model_admin.get_queryset(request).order_by("-pk").values(field.name)
        found = newest[: BoundedPaginator.MOST].aggregate(codes=Codes(field.name, distinct=True))["codes"]
        self.lookup_choices: Any = sorted(found.split(",")) if found else []

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield first
        in_words: Any = self.WORDS[self.field_path]
        for choice, code in zip(others, self.lookup_choices, strict=True):
            yield choice | {"display": choice["display"].replace(code, in_words(code), 1)}


class ListOfActs(AlphabeticalList):
    # What the template shows in place of Django's own links to years, months and days.
    periods: dict[str, Any] | None = None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if is_long(self.root_queryset):
            first = self.root_queryset.order_by("at").values_list("at", flat=True)[:1].get()
            self.periods = periods_of(self, timezone.localdate(first), timezone.localdate())


class AdminActAdmin(AuditedAdmin[AdminAct]):
    """The audit log of the site; `conferences` registers it together with those of teams."""

    # How many there are without the filters would be one more count of a table that only grows.
    show_full_result_count = False
    rows_in_words = ngettext_lazy("%(n)s act", "%(n)s acts", "n")
    paginator = BoundedPaginator
    list_display = ["when", "done", "by", "target", "address", "channel"]
    list_display_links = ["when"]
    list_filter = [WhoFilter, ("act", InWords), ("kind", InWords), "channel", "at"]
    search_fields = ["target", "what", "reason", "by__name", "by__email"]
    list_select_related = ["by", "asked_by"]
    date_hierarchy = "at"
    # As they were written: MariaDB would read and sort all of them by time.
    ordering = ["-pk"]
    sorted_if_long = ["when"]
    fields = ["when", "in_words", "reason", "by", "target", "address", "channel"]
    readonly_fields = ["when", "in_words"]

    @admin.display(description=_("when"), ordering="at")
    def when(self, act: Any) -> str:
        return str(act.when)

    @admin.display(description=_("what was done"))
    def in_words(self, act: AdminAct) -> str:
        return entry_in_words(act)

    @admin.display(description=_("what was done"))
    def done(self, act: AdminAct) -> SafeString:
        """With the reason, so that a phone shows both first."""
        reason = [(act.reason,)] if act.reason else []
        return format_html("{}{}", self.in_words(act), format_html_join("", "<p><q>{}</q></p>", reason))

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[AlphabeticalList]:
        return ListOfActs

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Searches the newest acts: their texts have no index."""
        newest = queryset.order_by("-pk").values_list("pk", flat=True)
        oldest = list(newest[BoundedPaginator.MOST :][:1]) if search_term.strip() else []
        if oldest:
            said = _("The newest %(n)s acts are searched. For older ones, first choose a time or a filter.")
            messages.info(request, said % {"n": intcomma(BoundedPaginator.MOST)})
            queryset = queryset.filter(pk__gt=oldest[0])
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AdminAct | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AdminAct | None = None) -> bool:
        return False
