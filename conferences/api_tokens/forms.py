from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import runs_something
from conferences.api_access.models import LONGEST_NAME, OF_ORGANISERS, Scope
from conferences.api_tokens.rules import DEFAULT_DAYS, conferences_to_choose

# With the name by which the API speaks of it.
LABEL = '{} <code translate="no">{}</code>'
ALL, SOME = "all", "some"
DAYS = (7, 30, DEFAULT_DAYS, 180, 365)


def _labelled(scope: Scope) -> str:
    return format_html(LABEL, scope.label, scope.value)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("What the token is for, such as “Name badges”, so that you recognise it later."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose what the token may do.")},
        help_text=_("Choose only what the program needs. A token can never do more than you can."),
    )
    which = forms.ChoiceField(
        label=_("For which conferences"),
        widget=forms.RadioSelect,
        choices=[(ALL, _("All, including those that you join later")), (SOME, _("Only those chosen below"))],
    )
    conferences = forms.TypedMultipleChoiceField(
        label=_("Conferences"), widget=forms.CheckboxSelectMultiple, required=False, coerce=int
    )
    expires_in_days = forms.TypedChoiceField(label=_("Valid for"), coerce=int)

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        initial = {"scopes": [Scope.READ], "which": ALL, "expires_in_days": DEFAULT_DAYS}
        super().__init__(*args, **options | {"initial": initial})
        hidden = frozenset() if runs_something(person) else OF_ORGANISERS
        self._offer("scopes", [(scope.value, _labelled(scope)) for scope in Scope if scope not in hidden])
        in_days = [(days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in DAYS]
        self._offer("expires_in_days", in_days)
        self._known = {conference.pk: conference for conference in conferences_to_choose(person)}
        self._offer("conferences", [(pk, conference.title) for pk, conference in self._known.items()])
        if not self._known:
            del self.fields["which"], self.fields["conferences"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def token(self) -> dict[str, Any]:
        """What `make_token` takes, once the form is valid."""
        chosen = dict(self.cleaned_data)
        conferences = [self._known[pk] for pk in chosen.pop("conferences", [])]
        return chosen | {"conferences": conferences if chosen.pop("which", ALL) == SOME else None}
