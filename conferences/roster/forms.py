from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from confbox.kit.reason_fields import reason_field
from confbox.kit.text_fields import LongTextInput
from confbox.kit.validators import validate_encodable
from conferences.models import RosterEntry
from conferences.roster.reading import read_file, read_text
from conferences.roster.rows import LONGEST, Listing

WIDE = {"class": "vTextField"}


class EntryForm(forms.Form):
    """One person on a roster. The verb checks the email address."""

    email = forms.CharField(
        label=_("Email address"),
        max_length=LONGEST["email"],
        widget=forms.TextInput(attrs=WIDE | {"inputmode": "email", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST["name"],
        required=False,
        validators=[validate_encodable],
        widget=forms.TextInput(attrs=WIDE | {"autocomplete": "off"}),
    )
    reference = forms.CharField(
        label=_("Reference"),
        max_length=LONGEST["reference"],
        required=False,
        validators=[validate_encodable],
        help_text=RosterEntry._meta.get_field("reference").help_text,
        widget=forms.TextInput(attrs=WIDE | {"autocomplete": "off"}),
    )


class RemovalForm(forms.Form):
    reason = reason_field(
        help_text=_(
            "Organisers can read it here and in the history of the conference. If the person is on the "
            "list of voters of an open vote, all members can read it, so do not name anyone in it."
        ),
        required=_("Please give a reason."),
        rows=3,
    )


class ListForm(forms.Form):
    """A list that is pasted or uploaded; once the form is valid, `listing` is its content."""

    listing: Listing
    text = LongTextInput(
        label=_("Paste a list"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "cols": 80, "class": "vLargeTextField", "spellcheck": "false"}
        ),
        help_text=_(
            "One person on each line, such as Ada Lovelace <ada@example.org>, or a table copied from a "
            "spreadsheet."
        ),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        help_text=_(
            "CSV, XLSX or plain text, at most 5 MB and 20,000 rows. Exports from pretix, Eventbrite, Tito "
            "and Indico can be uploaded as they are."
        ),
    )

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        if self.errors:
            return entered
        text, file = entered["text"], entered["file"]
        if bool(text.strip()) == bool(file):
            raise ValidationError(_("Please paste a list or choose a file: one of the two."))
        try:
            self.listing = (
                read_file(file.read(), file.name) if file else read_text(text, gettext("pasted list"))
            )
        except ValidationError as refusal:
            self.add_error("file" if file else "text", refusal)
        return entered
