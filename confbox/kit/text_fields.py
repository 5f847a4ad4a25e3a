"""Text of several lines, in which a line break is one character everywhere."""

from typing import Any

from django import forms
from django.db import models

from confbox.kit.markdown import validate_markdown


def with_plain_line_breaks(text: str) -> str:
    """Browsers send a line break as CR LF, and count it as one character (HTML, "textarea wrapping")."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class LongTextInput(forms.CharField):
    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return with_plain_line_breaks(text) if isinstance(text, str) else text


class LongText(models.TextField[Any, Any]):
    """The line breaks are plain before the length is checked and before the text is stored."""

    # Django asks this for both.
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return with_plain_line_breaks(text) if isinstance(text, str) else text

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": LongTextInput} | options)

    def deconstruct(self) -> Any:
        """To a migration it is a TextField: the column is the same."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.TextField", arguments, options


class MarkdownText(LongText):
    """Long text in Markdown, of which no more is taken than can be shown."""

    default_validators = [validate_markdown]
