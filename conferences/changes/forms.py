from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.reason_fields import reason_field
from conferences.history.models import LONGEST_REASON


class ReasonForm(forms.Form):
    """Why the organisers do it, confirmed on the page that shows the consequences."""

    reason = reason_field(
        help_text=_("One sentence that all members read, in the email and on the page of the conference."),
        required=_("Please give a reason. All members will read it."),
        max_length=LONGEST_REASON,
        rows=2,
    )
