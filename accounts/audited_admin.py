"""Django's admin pages with the audit log. Django calls their hooks inside its own transaction."""

import json
from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import construct_change_message, get_fields_from_path
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, models
from django.db.models import OrderBy
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.audit_log import log_act
from accounts.models import User
from confbox.kit.admin_cells import EMPTY
from confbox.kit.bounded_search import first_found, is_long, said_of_search
from confbox.kit.email_addresses import EmailAddressField
from confbox.kit.row_counts import OrMore
from confbox.kit.search import words_of
from confbox.kit.sorting import Alphabetical
from confbox.kit.url_converters import is_row_number

SEARCHED = 200
# The columns in which a search in a very long list finds how words begin, as `stretches_of` needs them.
BEGINNINGS = {"sort_name": 9, "from_last_word": 1, "from_second_last_word": 2, "email": 1}
Row = TypeVar("Row", bound=models.Model)


def _record(request: HttpRequest, act: str, target: models.Model, words: Any = "") -> None:
    log_act(by=actor_of(request), act=act, target=target, what=_in_words(words))


def _in_words(message: Any) -> str:
    written = message if isinstance(message, str) else json.dumps(message)
    return str(LogEntry(change_message=written).get_change_message())


def _value_in_words(form: Any, name: str) -> str:
    column, value = form.instance._meta.get_field(name), form.cleaned_data[name]
    if isinstance(value, bool):
        shown = _("yes") if value else _("no")
    elif isinstance(value, models.QuerySet):
        shown = ", ".join(map(str, value))
    else:
        shown = str(dict(column.flatchoices).get(value, value) or "")
    shown = shown or _("none")
    return f"{capfirst(column.verbose_name)}: {shown}"


def _logged(form: Any, names: Collection[str]) -> str:
    return "; ".join(_value_in_words(form, name) for name in form.changed_data if name in names)


def changed_in_words(form: Any, logged_values: Collection[str]) -> str:
    """What the audit log says of a form that is stored elsewhere than on its page of the admin."""
    message = _in_words(construct_change_message(form, [], add=False))
    return f"{message} {_logged(form, logged_values)}".strip()


class AlphabeticalList(ChangeList):
    """A list whose text columns are sorted alphabetically, whichever column the organiser selects.

    One that is too long to be sorted offers only the columns that an index has in order.
    """

    is_too_long = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Django's own, "Select conference to change", is an instruction and no title.
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # An `AuditedAdmin`, as only these have this list.
        shown: Any = self.model_admin
        self.counted = shown.count_in_words(self.result_count)
        if isinstance(self.result_count, OrMore) and not self.query:
            self.sortable_by = self.sorted_if_long
        # Without the filters, which have a link of their own, it might be the list of all conferences.
        self.without_search = self.get_query_string({SEARCH_VAR: None, PAGE_VAR: None})

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        # What a search has found is never too long.
        self.is_too_long = ORDER_VAR in self.params and not self.query and is_long(queryset)
        shown: Any = self.model_admin
        self.sorted_if_long = shown.get_sorted_if_long(request)
        found = super().get_ordering(request, queryset)
        return self._as_in_an_index(found[0]) if self.is_too_long else found

    def _as_in_an_index(self, by: Any) -> list[Any]:
        """Rows that are equal in this column follow by their IDs, in the same direction."""
        is_back = by.descending if isinstance(by, OrderBy) else str(by).startswith("-")
        pk = "-pk" if is_back else "pk"
        is_unique = by == pk or getattr(self._column(str(by).removeprefix("-")), "unique", False)
        return [by] if is_unique else [by, pk]

    def get_ordering_field(self, field_name: Any) -> Any:
        if self.is_too_long and field_name not in self.sorted_if_long:
            return None
        found = super().get_ordering_field(field_name)
        if self.model is User and found == "name":
            return Alphabetical("sort_name")
        column = self._column(found) if isinstance(found, str) else None
        column = getattr(column, "output_field", column)
        # Email addresses are lower-case and hardly ever have accents, so the column's own index will do.
        is_name = isinstance(column, models.CharField) and not isinstance(column, EmailAddressField)
        return Alphabetical(found) if is_name else found

    def _column(self, path: str) -> Any:
        try:
            return get_fields_from_path(self.model, path)[-1]
        except FieldDoesNotExist:
            return None


class AuditedAdmin(admin.ModelAdmin[Row]):
    """An admin page whose changes are also in the audit log, since Django's own log lacks the IP address."""

    empty_value_display = EMPTY
    # What the rows are, with `n` for how many, where the name of the table is no word for them.
    rows_in_words: Any = None

    # The path from a row to its person, if a search in a very long list is for people.
    to_person = ""

    # For these fields the audit log has the new values, not only that they changed.
    logged_values: tuple[str, ...] = ()

    # The columns by which the list is sorted also if it is too long to be sorted; see `AlphabeticalList`.
    sorted_if_long: Collection[Any] = ()

    def get_sorted_if_long(self, request: HttpRequest) -> Collection[Any]:
        return self.sorted_if_long

    def count_in_words(self, number: int) -> str:
        """How many rows, in words."""
        if self.rows_in_words is not None:
            return str(self.rows_in_words % {"n": number})
        name = self.opts.verbose_name if number == 1 else self.opts.verbose_name_plural
        return f"{number} {name}"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """For a row that is gone, Django leads to the home page and says so.

        Raises:
            Http404: this is no ID, so there never was such a page.
        """
        if not is_row_number(object_id):
            raise Http404
        return super().get_object(request, object_id, from_field)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Validates again if another request has stored the same value since, so that the form shows it."""
        try:
            return super().changeform_view(request, *args, **options)
        except IntegrityError:
            return super().changeform_view(request, *args, **options)

    def construct_change_message(self, request: HttpRequest, form: Any, *more: Any, **options: Any) -> Any:
        message = super().construct_change_message(request, form, *more, **options)
        logged = _logged(form, self.logged_values)
        return f"{_in_words(message)} {logged}" if logged else message

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Ignores case and accents, like every search on the site."""
        return [f"{column}__folded" for column in super().get_search_fields(request)]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Searches for the first words only: a database refuses a pattern the size of a book."""
        words = " ".join(words_of(search_term[:SEARCHED]))
        found, may_repeat = super().get_search_results(request, queryset, words)
        if not (words and self.to_person and is_long(queryset)):
            return found, may_repeat
        by_phone = "phone__folded" in self.get_search_fields(request)
        columns = {**BEGINNINGS, "phone": 1} if by_phone else BEGINNINGS
        people = User.objects.order_by()
        ids = first_found(found, people, words, columns, unique="email", to_person=self.to_person)
        messages.info(request, said_of_search())
        return queryset.filter(pk__in=ids), False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return AlphabeticalList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allows only what the page shows as a filter.

        By default, Django lets a URL filter by any column: a hash letter by letter, or who voted for whom.
        """
        filters: Any = self.get_list_filter(request) if request else self.list_filter
        columns = [
            each if isinstance(each, str) else each[0] for each in filters if not isinstance(each, type)
        ]
        columns += [self.date_hierarchy] if self.date_hierarchy else []
        if lookup in {getattr(each, "parameter_name", None) for each in filters}:
            return True
        is_offered = any(f"{lookup}__".startswith(f"{column}__") for column in columns)
        return is_offered and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _record(request, "add", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _record(request, "change", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            _record(request, "delete", row)
        return super().log_deletions(request, queryset)
