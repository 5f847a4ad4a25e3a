"""Multi-line text, in which a line break is a single character everywhere."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from confbox.kit.markdown import validate_markdown


def with_plain_line_breaks(text: str) -> str:
    """Browsers send a line break as CR LF but count it as one character (HTML, "textarea wrapping")."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class LongTextInput(forms.CharField):
    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return with_plain_line_breaks(text) if isinstance(text, str) else text

    def widget_attrs(self, widget: forms.Widget) -> Any:
        """With the words in which a script says how many characters are left, or are too many.

        Without `maxlength`, with which a browser cuts a pasted text and says nothing.
        """
        found = super().widget_attrs(widget)
        return found | _counted(found.pop("maxlength", None))


def count_characters(*fields: forms.Field) -> None:
    """For fields of one line, as for long texts."""
    for field in fields:
        field.widget.attrs |= _counted(field.widget.attrs.pop("maxlength", None))


def _counted(longest: Any) -> dict[str, Any]:
    if longest is None:
        return {}
    return {
        "data-longest": longest,
        "data-left-one": _("1 character left"),
        "data-left-many": _("2 characters left"),
        "data-over-one": _("1 character too many"),
        "data-over-many": _("2 characters too many"),
    }


class LongText(models.TextField[Any, Any]):
    """Normalises line breaks before the length is checked and before the text is stored."""

    # Django asks this for both.
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return with_plain_line_breaks(text) if isinstance(text, str) else text

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": LongTextInput} | options)

    def deconstruct(self) -> Any:
        """An ordinary TextField to migrations: the column is the same."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.TextField", arguments, options


class MarkdownText(LongText):
    """Long Markdown text, limited to what can be rendered."""

    default_validators = [validate_markdown]
