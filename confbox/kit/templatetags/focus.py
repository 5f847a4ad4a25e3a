from django import forms, template

register = template.Library()


@register.filter
def with_focus(form: forms.BaseForm) -> forms.BaseForm:
    """This form with the focus in its first field, or in the first that was refused."""
    fields = form.visible_fields()
    first = next((field for field in fields if field.errors), fields[0])
    first.field.widget.attrs["autofocus"] = True
    return form
