from typing import Literal

from django import forms, template
from django.forms.utils import ErrorList

register = template.Library()


@register.filter
def on_mistake(form: forms.BaseForm) -> forms.BaseForm:
    """The form with autofocus on its first field with an error, if it has one: that may be out of view."""
    wrong = next((field for field in form.visible_fields() if field.errors), None)
    if wrong:
        wrong.field.widget.attrs["autofocus"] = True
    return form


@register.filter
def mistakes(field: forms.BoundField | Literal[""]) -> ErrorList | Literal[""]:
    """What is wrong with a field that is shown after it; the first such field of a page has the focus.

    On some pages a field is missing.
    """
    if not field:
        return ""
    if field.errors:
        field.field.widget.attrs["autofocus"] = True
    return field.errors


@register.filter
def with_focus(form: forms.BaseForm) -> forms.BaseForm:
    """The form with autofocus on its first field, or on the first with an error."""
    fields = form.visible_fields()
    first = next((field for field in fields if field.errors), fields[0])
    first.field.widget.attrs["autofocus"] = True
    return form
