"""How the elements of allauth's pages look, by their tags and attributes."""

import pytest
from django.template import Context, Origin, Template

from confbox.kit.templatetags.elements import alert_class, badge_class, button_class, control, html_attributes
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", "btn btn-primary"),
        (["prominent"], "btn btn-primary"),
        (["danger"], "btn btn-danger"),
        (["outline", "delete"], "btn btn-danger"),
        (["outline"], "btn btn-quiet"),
        (["secondary"], "btn btn-quiet"),
        (["link"], "btn btn-quiet"),
        (["cancel"], "btn btn-quiet"),
    ],
)
def test_button_looks_like_what_it_does(tags, expected):
    assert button_class(tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("", "badge-cb"), (["success"], "badge-cb badge-success"), (["warning"], "badge-cb badge-warning")],
)
def test_badge_has_the_colour_of_its_tag(tags, expected):
    assert badge_class(tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("", "info"), (["error"], "error"), (["danger"], "error"), (["warning"], "warning")],
)
def test_alert_has_the_colour_of_its_tag(tags, expected):
    assert alert_class(tags) == f"message message-{expected}"


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        ({}, ""),
        ({"id": "x", "other": "y"}, ' id="x"'),
        ({"value": ""}, ' value=""'),
        ({"value": None}, ""),
        ({"disabled": True}, " disabled"),
        ({"disabled": False}, ""),
        ({"value": '"><b>'}, ' value="&quot;&gt;&lt;b&gt;"'),
    ],
)
def test_attributes_are_those_that_the_element_has(attrs, expected):
    assert html_attributes(attrs, "id disabled value") == expected


CONTROLS = [
    ("email", "input", "input.form-control[type=email]"),
    ("checkbox", "choice", ".form-check input[type=checkbox]"),
    ("radio", "choice", ".form-check input[type=radio]"),
    ("textarea", "textarea", "textarea.form-control"),
]


def field(kind):
    source = "{% load allauth %}{% element field type=kind name='answer' %}{% endelement %}"
    template = Template(source, origin=Origin("field.html", "field.html"))
    return parse(template.render(Context({"kind": kind})))


@pytest.mark.parametrize(("kind", "state", "selector"), CONTROLS)
def test_field_has_the_control_of_its_type(kind, state, selector):
    assert control(kind).state == state
    page = field(kind)
    assert page.attributes(selector, "name") == ["answer"]
    assert page.number_of("input, textarea") == 1


def test_every_control_has_a_row_and_a_template():
    assert states_of(control("").folder) == {state for _, state, _ in CONTROLS}
