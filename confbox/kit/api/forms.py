"""Forms of the pages, which check the fields of a body too: what is said of them is said once."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


def cleaned(form: forms.BaseForm) -> dict[str, Any]:
    """What a form that was given the fields of a body makes of them.

    Raises:
        ValidationError: with the sentences of the page, by field.
    """
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return dict(form.cleaned_data)
