from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongTextInput, count_characters
from voting.campaigns.models import Campaign


class CampaignForm(forms.ModelForm[Campaign]):
    message = LongTextInput(
        label=_("Message"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("This is what its recipients read. You can use Markdown; pictures are left out."),
    )

    class Meta:
        model = Campaign
        fields = ["subject", "message"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        count_characters(self.fields["subject"])
