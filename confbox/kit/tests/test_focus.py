"""Where the keyboard begins on the page that shows a form again because of a mistake."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from confbox.kit.tests.page import parse


class Form(forms.Form):
    first = forms.CharField()
    second = forms.IntegerField()


def focused(form):
    page = Template("{% load crispy_forms_filters focus %}{{ form|on_mistake|crispy }}")
    return parse(page.render(Context({"form": form}))).attributes("input[autofocus]", "name")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (None, []),
        ({"first": "a", "second": "1"}, []),
        ({"first": "a", "second": "b"}, ["second"]),
        ({"second": "b"}, ["first"]),
    ],
)
def test_cursor_is_in_the_first_field_with_a_mistake(typed, name):
    assert focused(Form(typed)) == name


def test_every_form_of_the_site_puts_the_cursor_where_a_mistake_is():
    pages = Path(settings.BASE_DIR, "templates").rglob("*.html")
    forms_shown = [
        (page.name, shown) for page in pages for shown in re.findall(r"{{ (\S+)\|crispy }}", page.read_text())
    ]
    assert len(forms_shown) > 10
    without = [name for name, shown in forms_shown if not shown.endswith("|on_mistake")]
    assert without == ["gallery.html"]
