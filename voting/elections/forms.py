from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import count_characters
from voting.elections.models import Decision, Pitch


class PitchForm(forms.ModelForm[Pitch]):
    accepts_votes = forms.BooleanField(
        label=_("Members can vote for me"),
        required=False,
        help_text=_(
            "If you untick this, votes for you no longer count, and those voters are "
            "notified so that they can vote again."
        ),
    )

    class Meta:
        model = Pitch
        fields = ["headline", "statement"]
        widgets = {"statement": forms.Textarea(attrs={"rows": 8})}

    field_order = ["headline", "statement", "accepts_votes"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        count_characters(self.fields["headline"])


class DeclineForm(forms.ModelForm[Decision]):
    class Meta:
        model = Decision
        fields = ["decline_reason"]
