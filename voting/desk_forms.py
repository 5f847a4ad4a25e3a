from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from voting.models import Decision


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
