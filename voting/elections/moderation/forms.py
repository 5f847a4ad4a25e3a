from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable
from voting.elections.moderation.models import LONGEST_TEXT, Report


class ReportForm(forms.Form):
    """What a member reports, and why. The fields are named as the arguments of the verb."""

    subject = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), widget=forms.RadioSelect, choices=Report.Reason.choices
    )
    text = LongTextInput(
        label=_("In your own words"),
        required=False,
        max_length=LONGEST_TEXT,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed if you have chosen “Something else”. The organisers read it without your name."),
    )

    def __init__(self, *args: Any, subjects: Collection[Report.Subject], **options: Any) -> None:
        super().__init__(*args, **options)
        subject = self.fields["subject"]
        assert isinstance(subject, forms.ChoiceField)
        subject.choices = [(each.value, each.label) for each in subjects]
        if len(subjects) == 1:
            subject.initial = next(each.value for each in subjects)
            subject.widget = forms.HiddenInput()
