from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conferences.models import Role
from conferences.teams.descriptions import descriptions_for


class RoleField(forms.ChoiceField):
    """The five roles, each with what it permits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Role"), widget=forms.RadioSelect, choices=Role.choices, **options)

    def describe(self, scope: Any) -> None:
        described = descriptions_for(scope)
        self.choices = [
            (role.value, format_html("<strong>{}</strong>: {}", role.label, described[role])) for role in Role
        ]


class FormWithRole(forms.Form):
    """Describes the roles in the team of this series or conference."""

    role = RoleField()

    def __init__(self, *given: Any, scope: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        role: Any = self.fields["role"]
        role.describe(scope)


class InvitationForm(FormWithRole):
    field_order = ["email", "role"]
    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The person needs an account with this address, or makes one on the way."),
    )


class RoleForm(FormWithRole):
    # The role when the page was opened.
    shown = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)


class SeriesForm(NameForm):
    slug = forms.SlugField(
        label=_("Web address"), max_length=120, help_text=_("Lower-case letters, digits and hyphens.")
    )
