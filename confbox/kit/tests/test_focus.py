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


def in_admin(form):
    page = Template("{% load focus %}{% for field in form %}{{ field|mistakes }}{{ field }}{% endfor %}")
    return parse(page.render(Context({"form": form})))


def test_first_field_of_the_admin_with_a_mistake_has_the_cursor():
    shown = in_admin(Form({"first": "a", "second": "b"}))
    assert shown.attributes("[autofocus]", "name") == ["second"]
    assert shown.texts(".errorlist li") == ["Enter a whole number."]
    assert in_admin(Form({"second": "b"})).attributes("[autofocus]", "name") == ["first"]


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_of_several_choices_the_first_has_the_cursor(widget):
    class Chosen(forms.Form):
        day = forms.MultipleChoiceField(widget=widget, choices=[("a", "A"), ("b", "B")])

    assert in_admin(Chosen({"day": "x"})).attributes("[autofocus]", "value") == ["a"]


def test_summary_of_mistakes_has_the_focus_and_no_field():
    form = Form({"second": "b"})
    assert Template("{% include 'admin/conferences/_errors.html' %}").render(Context({"form": form}))
    assert not in_admin(form).has("[autofocus]")


@pytest.mark.parametrize("form", [None, "", Form()])
def test_without_a_mistake_there_is_no_summary(form):
    page = Template("{% include 'admin/conferences/_errors.html' %}").render(Context({"form": form}))
    assert not page.strip()


def test_field_that_a_page_does_not_have_has_no_mistake():
    assert Template("{% load focus %}{{ form.third|mistakes }}").render(Context({})) == ""


def test_every_mistake_that_the_admin_shows_at_its_field_brings_the_cursor_there():
    pages = Path(settings.BASE_DIR, "templates/admin").rglob("*.html")
    shown = {str(page): page.read_text() for page in pages}
    assert [name for name, text in shown.items() if re.search(r"{{ \S+\.errors }}", text)] == []
    assert sum("|mistakes }}" in text for text in shown.values()) > 5
