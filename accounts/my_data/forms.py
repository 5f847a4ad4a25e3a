from django import forms
from django.utils.translation import gettext_lazy as _


class DeletionForm(forms.Form):
    understood = forms.BooleanField(
        label=_("I understand that this cannot be undone."),
        error_messages={"required": _("Please confirm that you understand what will happen.")},
    )
