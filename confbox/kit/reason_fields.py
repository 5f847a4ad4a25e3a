from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable


def reason_field(*, help_text: Any, required: Any, max_length: int = 1000, rows: int = 4) -> LongTextInput:
    """Asks why something is done. Both texts are lazy; `required` is shown if nothing is typed."""
    return LongTextInput(
        label=_("Reason"),
        max_length=max_length,
        validators=[validate_encodable],
        widget=forms.Textarea(attrs={"rows": rows, "cols": 60, "class": "vLargeTextField"}),
        help_text=help_text,
        error_messages={"required": required},
    )
