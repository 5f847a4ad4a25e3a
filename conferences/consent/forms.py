from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable
from conferences.consent.acts import with_switch
from conferences.series.consent.models import LONGEST_REASON


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


class DeclineRequestForm(forms.Form):
    """Why a second person declines."""

    decline_reason = LongTextInput(
        label=_("Why you decline (optional)"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "vLargeTextField"}),
        help_text=_("Who asked reads it, and so does everyone else who can confirm it."),
    )
