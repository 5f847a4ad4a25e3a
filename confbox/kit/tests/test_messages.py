"""A message by its level, and where the page has said it already."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

from confbox.kit.tests.page import parse

LEVELS = {
    "info": (constants.INFO, "status", "info-circle"),
    "success": (constants.SUCCESS, "status", "check-circle-fill"),
    "warning": (constants.WARNING, "status", "exclamation-triangle"),
    "error": (constants.ERROR, "alert", "exclamation-triangle"),
}


def shown(*levels, **facts):
    messages = [Message(LEVELS[level][0], f"An {level}") for level in levels]
    return parse(render_to_string("components/_messages.html", {"messages": messages, **facts}))


@pytest.mark.parametrize("level", LEVELS)
def test_message_has_the_role_and_the_icon_of_its_level(level):
    _, role, icon = LEVELS[level]
    page = shown(level)
    assert page.messages == [f"An {level}"]
    assert page.has(f"#messages > .message-{level}[role={role}]")
    assert page.attributes("use", "href")[0].endswith(f"#{icon}")
