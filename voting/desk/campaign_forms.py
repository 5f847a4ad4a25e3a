from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confbox.kit.clock import database_now
from confbox.kit.local_time_fields import LocalTimeField
from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable
from conferences.date_rules import FARTHEST_OPENING
from conferences.models import Conference
from voting.campaigns.forms import CampaignForm


class EditForm(CampaignForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class ApprovalForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    send_at = LocalTimeField(label=gettext_lazy("Send at"), required=False)

    def __init__(self, *args: Any, conference: Conference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["send_at"]
        assert isinstance(field, LocalTimeField)
        field.shown_in = field.entered_in = conference.zone
        field.help_text = _("Leave empty to send now. The time is in %(zone)s.") % {
            "zone": conference.time_zone
        }

    def clean_send_at(self) -> datetime | None:
        send_at: datetime | None = self.cleaned_data["send_at"]
        refuse_time_of_sending(send_at)
        return send_at


def refuse_time_of_sending(send_at: datetime | None) -> None:
    """Raises ValidationError if this time has passed, or is too far ahead. None is now."""
    now = database_now()
    if send_at and send_at < now:
        raise ValidationError(_("This time has passed. Leave it empty to send now."))
    if send_at and send_at > now + FARTHEST_OPENING:
        raise ValidationError(_("This is more than two years ahead. Please check the year."))


class ReasonForm(forms.Form):
    reason = LongTextInput(
        label=gettext_lazy("Reason"),
        max_length=2000,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy("The member who asked for the campaign will read it."),
    )
