from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions import before_renaming, disable_user, enable_user, export_people
from accounts.actors import actor_of
from accounts.audit_words import in_words
from accounts.audited_admin import AuditedAdmin
from accounts.forms import PrivilegesForm, ReasonForm
from accounts.models import AdminAct, User
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest, is_second_click
from accounts.views.removal import remove_from_profile
from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from confbox.kit.admin_cells import labelled
from confbox.kit.dates import datetime_in_words
from confbox.kit.outcomes import Change
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.sorting import Alphabetical
from confbox.kit.spreadsheets import sheet

VERBS = {"disable": disable_user, "enable": enable_user}


@admin.display(description=_("last log-in"))
def last_login(user: User) -> str:
    """Only the year, here and elsewhere: next to the turnout, an exact time would show who has just voted."""
    return labelled(_("last log-in"), user.last_login and user.last_login.year)


@admin.display(description=_("disabled"), ordering="is_active")
def disabled(user: User) -> str:
    return labelled(_("disabled"), "" if user.is_active else _("yes"))


@admin.display(description=_("admin access"), ordering="is_staff")
def admin_access(user: User) -> str:
    return labelled(_("admin access"), _("yes") if user.is_staff else "")


class GroupFilter(admin.RelatedFieldListFilter):
    """Says in words who is in none; Django has a dash."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.empty_value_display: Any = _("In no group")


@admin.register(User)
class UserAdmin(AuditedAdmin[User]):
    list_display = ["name", "email", "phone", "profession", disabled, admin_access, last_login]
    list_filter = ["is_active", "is_staff", ("groups", GroupFilter), "date_joined"]
    search_fields = ["name", "email", "phone"]
    to_person = "pk"
    ordering = [Alphabetical("sort_name"), "pk"]
    sorted_if_long = ["name", "email", disabled]
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    actions = ["disable_selected", "enable_selected", "export_selected"]
    person = ("name", "email", "phone", "profession", "bio", "receives_campaigns", "receives_notices")
    status = ("is_active", "date_joined", "confirmed_addresses", "acts")
    privileges = ("is_staff", "is_superuser", "groups")
    fieldsets = [
        (None, {"fields": person}),
        (_("Status"), {"fields": status}),
        (_("Privileges"), {"fields": privileges}),
    ]
    filter_horizontal = ["groups"]
    form = PrivilegesForm
    change_form_template = "admin/accounts/user/change_form.html"
    logged_values = privileges

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: Any = super().get_queryset(request)
        return found.real()  # type: ignore[no-any-return]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = ["email", *self.status]
        return fixed if request.user.is_superuser else [*fixed, *self.privileges]

    # Phone numbers are for their owners and for superusers.

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._shown(request, self.list_display)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return self._shown(request, super().get_search_fields(request))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        return [(first[0], {"fields": self._shown(request, first[1]["fields"])}), *others]

    def _shown(self, request: HttpRequest, columns: Any) -> list[Any]:
        hidden = set() if request.user.is_superuser else {"phone", "phone__folded"}
        return [column for column in columns if column not in hidden]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Writes only what was changed in the form: a person disabled while it was open stays disabled."""
        columns = [name for name in form.changed_data if name != "groups"]
        if "name" in columns:
            before_renaming(obj)
        if columns:
            obj.save(update_fields=columns)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves; `manage.py create_organiser` creates the first organiser."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People delete their own accounts; organisers disable them."""
        return False

    def has_disable_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.disable_user")

    @admin.display(description=_("confirmed addresses"))
    def confirmed_addresses(self, user: User) -> str:
        found = EmailAddress.objects.filter(user=user, verified=True).order_by("email")
        return ", ".join(found.values_list("email", flat=True)) or "-"

    @admin.display(description=_("history"))
    def acts(self, user: User) -> SafeString:
        found = AdminAct.objects.filter(kind="user", target_id=str(user.pk)).select_related("by")
        rows = (
            (
                datetime_in_words(act.at, "UTC"),
                act.by or "-",
                in_words(act.what, act.about_kind, act.act),
                act.reason,
            )
            for act in found[:20]
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}, {}: {} {}</li>", rows))

    @admin.action(description=_("Disable selected people…"), permissions=["disable"])
    def disable_selected(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse:
        return self._ask("disable", chosen)

    @admin.action(description=_("Enable selected people…"), permissions=["disable"])
    def enable_selected(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse:
        return self._ask("enable", chosen)

    def _ask(self, verb: str, chosen: QuerySet[User]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in chosen.values_list("pk", flat=True)[:500])
        return redirect(f"{reverse(f'admin:accounts_user_{verb}')}?people={ids}")

    def get_urls(self) -> list[URLPattern]:
        def wired(verb: str) -> URLPattern:
            view = self.admin_site.admin_view(self.change_status)
            return path(f"{verb}/", view, {"verb": verb}, name=f"accounts_user_{verb}")

        view = self.admin_site.admin_view(remove_from_profile)
        removal = path("<row:pk>/removal/", view, name="accounts_user_removal")
        return [*(wired(verb) for verb in VERBS), removal, *super().get_urls()]

    def change_status(self, request: PersonRequest, verb: str) -> HttpResponse:
        """Asks for the reason, then disables or enables the people whose IDs are in the URL."""
        if not self.has_disable_permission(request):
            raise PermissionDenied
        require_fresh_log_in(request)
        ids = [n for n in request.GET.get("people", "").split(",") if n.isascii() and n.isdigit()]
        people = User.objects.filter(pk__in=[n for n in ids[:500] if len(n) < 19]).order_by(
            Alphabetical("name"), "pk"
        )
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._change_each(request, verb, people, form.cleaned_data["reason"])
            return redirect("admin:accounts_user_changelist")
        titles = {"disable": _("Disable people"), "enable": _("Enable people")}
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": titles[verb]}
        context |= {"people": people, "form": form, "verb": verb}
        return TemplateResponse(request, "admin/accounts/user/change_status.html", context)

    def _change_each(self, request: PersonRequest, verb: str, people: QuerySet[User], reason: str) -> None:
        changed = 0
        for user in people:
            try:
                outcome = VERBS[verb](user=user, by=actor_of(request), reason=reason)
                changed += outcome is Change.MADE
            except ValidationError as refusal:
                messages.error(request, refusal.message)
        said = ngettext("%(count)d account changed.", "%(count)d accounts changed.", changed)
        messages.success(request, said % {"count": changed})

    @admin.action(description=_("Export selected people (CSV)"), permissions=["view"])
    def export_selected(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse:
        require_fresh_log_in(request)
        columns = ["name", "email", "phone", "profession", "is_active", "date_joined"]
        head = self._shown(request, columns)
        people = export_people(people=chosen, by=actor_of(request), is_repeated=is_second_click(request))
        return sheet("people", head, people.values_list(*head).iterator())


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(AuditedAdmin[Group], GroupAdmin):
    """Django's own page, without an audit log of its own; for superusers only.

    Anyone who could change a role could give themselves every permission, or take away every organiser's.
    """

    logged_values = ("permissions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)
