from typing import Any, Literal

from django import forms, template
from django.forms.utils import ErrorList

register = template.Library()


@register.filter
def on_mistake(form: forms.BaseForm) -> forms.BaseForm:
    """The form with autofocus on its first field with an error, if it has one: that may be out of view."""
    if wrong := _wrong(form):
        _focus(wrong)
    return form


@register.filter
def in_a_summary(form: forms.BaseForm | Literal[""] | None) -> bool:
    """Whether there are mistakes, for a summary above the form: that has the focus, and no field.

    Some pages show no form to those who may not send it.
    """
    if not form or not form.errors:
        return False
    form.has_summary = True  # type: ignore[attr-defined]
    return True


@register.filter
def mistakes(field: forms.BoundField | Literal[""]) -> ErrorList | Literal[""]:
    """What is wrong with a field, shown before it. Without a summary, the first such field has the focus.

    On some pages a field is missing.
    """
    if not field:
        return ""
    first = _wrong(field.form)
    if first and first.name == field.name and not getattr(field.form, "has_summary", False):
        _focus(field)
    return field.errors


@register.filter
def with_focus(form: forms.BaseForm) -> forms.BaseForm:
    """The form with autofocus on its first field, or on the first with an error."""
    _focus(_wrong(form) or form.visible_fields()[0])
    return form


def _wrong(form: forms.BaseForm) -> forms.BoundField | None:
    return next((field for field in form.visible_fields() if field.errors), None)


def _focus(field: forms.BoundField) -> None:
    """Of several choices, only the first one has it: a page has one element with autofocus."""
    widget = field.field.widget
    if not isinstance(widget, forms.RadioSelect):
        widget.attrs["autofocus"] = True
        return
    create = widget.create_option

    def create_option(*place: Any, **more: Any) -> dict[str, Any]:
        option = create(*place, **more)
        if option["index"] == "0":
            option["attrs"]["autofocus"] = True
        return option

    widget.create_option = create_option  # type: ignore[method-assign]
