from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongTextInput
from voting.campaigns.models import Campaign


class CampaignForm(forms.ModelForm[Campaign]):
    message = LongTextInput(
        label=_("Message"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("This is what members read. You can use Markdown; pictures are left out."),
    )

    class Meta:
        model = Campaign
        fields = ["subject", "message"]
