import re

from django import template
from django.utils.translation import gettext as _
from ua_parser import parse

register = template.Library()

# The parser distinguishes mobile and desktop browsers; to their owner they are the same.
EDITION = re.compile(r"^(Mobile|Headless) ?| (Mobile|iOS|Mobile iOS)$|( UI)?/WKWebView$")
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}


@register.filter
def device(user_agent: str) -> str:
    """The browser and system in this user agent; an unknown user agent as it is."""
    found = parse(user_agent)
    if not found.user_agent:
        return user_agent
    browser = _without_edition(found.user_agent.family)
    system = found.os.family if found.os else ""
    if system == "iOS" and found.device:
        system = found.device.family
    if not system:
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": SYSTEMS.get(system, system)}


def _without_edition(browser: str) -> str:
    while browser != (shorter := EDITION.sub("", browser)):
        browser = shorter
    return browser
