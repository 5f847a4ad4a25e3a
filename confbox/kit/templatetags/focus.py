from django import forms, template

register = template.Library()


@register.filter
def with_focus(form: forms.BaseForm) -> forms.BaseForm:
    """The form with autofocus on its first field, or on the first with an error."""
    fields = form.visible_fields()
    first = next((field for field in fields if field.errors), fields[0])
    first.field.widget.attrs["autofocus"] = True
    return form
