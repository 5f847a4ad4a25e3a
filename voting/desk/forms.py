from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import LongTextInput
from accounts.validators import validate_encodable
from conferences.models import Conference
from voting.models import Decision
from voting.rules import STRICTNESS, refuse_laxer_rules


class DecisionForm(forms.ModelForm[Decision]):
    class Meta:
        model = Decision
        fields = ["reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, is_sole_leader: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_sole_leader = is_sole_leader
        self.fields["reason"].required = not is_sole_leader
        self.fields["reason"].help_text = _("Members can read it with the result.")
        self.fields["reason"].error_messages["required"] = _(
            "Please give a reason: this member does not lead the vote alone."
        )


class RulesForm(forms.ModelForm[Conference]):
    class Meta:
        model = Conference
        fields = list(STRICTNESS)
        widgets = dict.fromkeys(
            ["results_visibility", "organisers_see_tally", "late_joiners", "ties"], forms.RadioSelect
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisers_see_tally"].required = False
        self.fields["organisers_see_tally"].help_text = _(
            "Where members see results live, organisers see them too."
        )

    def clean_organisers_see_tally(self) -> str:
        """Without a choice the rule stays as it is, which is the strict one unless it was set otherwise."""
        return str(self.cleaned_data["organisers_see_tally"] or self.initial["organisers_see_tally"])

    def clean(self) -> dict[str, Any]:
        rules = super().clean() or self.cleaned_data
        if set(rules) == set(STRICTNESS):
            refuse_laxer_rules(conference=Conference.objects.get(pk=self.instance.pk), rules=rules)
        return rules


class ExclusionForm(forms.Form):
    reason = LongTextInput(
        label=_("Reason"),
        max_length=2000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "vLargeTextField"}),
        help_text=_("The member can read it. It is kept in the history with your name."),
        error_messages={"required": _("Please give a reason. The member can read it.")},
    )
