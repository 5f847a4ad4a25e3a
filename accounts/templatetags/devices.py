import re

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# Each calls itself by the names of those below it as well, so the first that is found counts.
BROWSERS = {
    "Edge": r"\bEdg(e|A|iOS)?/",
    "Opera": r"\bOPR/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Firefox": r"\b(Firefox|FxiOS)/",
    "Chrome": r"\b((Headless)?Chrome|CriOS)/",
    "Safari": r"\bVersion/.* Safari/",
    "curl": r"^curl/",
}
SYSTEMS = {
    "iPhone": r"\biPhone\b",
    "iPad": r"\biPad\b",
    "Android": r"\bAndroid\b",
    "Windows": r"\bWindows\b",
    "macOS": r"\bMacintosh\b",
    "ChromeOS": r"\bCrOS\b",
    "Linux": r"\bLinux\b",
}


@register.filter
def device(user_agent: str) -> str:
    """The browser and the system that this user agent names; an unknown one as it is."""
    browser, system = _first_named(BROWSERS, user_agent), _first_named(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or user_agent


def _first_named(patterns: dict[str, str], user_agent: str) -> str:
    return next((name for name, pattern in patterns.items() if re.search(pattern, user_agent)), "")
