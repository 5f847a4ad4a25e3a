"""How the elements of allauth's pages look here."""

from collections.abc import Collection, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from confbox.kit.panels import Panel

register = template.Library()
# The classes of an element by its tags; the first tag of these that it has decides.
BUTTONS = {
    **dict.fromkeys(("danger", "delete"), "btn btn-danger"),
    **dict.fromkeys(("outline", "secondary", "link", "cancel"), "btn btn-quiet"),
}
BADGES = {
    **dict.fromkeys(("success", "current"), "badge-cb badge-success"),
    "warning": "badge-cb badge-warning",
}
ALERTS = {
    **dict.fromkeys(("error", "danger"), "message message-error"),
    "warning": "message message-warning",
}
CONTROLS = {"checkbox": "choice", "radio": "choice", "textarea": "textarea"}


def _class_of(tags: Collection[str], classes: Mapping[str, str], otherwise: str) -> str:
    return next((name for tag, name in classes.items() if tag in tags), otherwise)


@register.filter
def button_class(tags: Collection[str]) -> str:
    return _class_of(tags, BUTTONS, "btn btn-primary")


@register.filter
def badge_class(tags: Collection[str]) -> str:
    return _class_of(tags, BADGES, "badge-cb")


@register.filter
def alert_class(tags: Collection[str]) -> str:
    return _class_of(tags, ALERTS, "message message-info")


@register.filter
def control(kind: str) -> Panel:
    """The control of a field of this type."""
    return Panel("allauth/elements/control", CONTROLS.get(kind, "input"))


@register.filter
def html_attributes(attrs: Mapping[str, Any], names: str) -> SafeString:
    """Those of the named attributes that the element has; one that is True has no value."""
    found = [(name, attrs.get(name)) for name in names.split()]
    shown = [_attribute(name, value) for name, value in found if value or (name, value) == ("value", "")]
    return format_html_join("", " {}", ((piece,) for piece in shown))


def _attribute(name: str, value: object) -> str:
    return name if value is True else format_html('{}="{}"', name, value)
