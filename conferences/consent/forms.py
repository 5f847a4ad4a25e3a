from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conferences.consent.acts import with_switch


class ConsentSettingsForm(forms.Form):
    """A switch for each act."""

    acts = forms.MultipleChoiceField(
        label=_("A second person has to confirm"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["acts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (act.name, format_html("<strong>{}</strong>. {}", act.label, act.help_text))
            for act in with_switch()
        ]
