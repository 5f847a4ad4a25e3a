"""What the page before a deletion lists."""

from typing import Any

from django.utils.translation import gettext as _

MOST_LISTED = 20


def shortened(listed: list[Any]) -> list[Any]:
    """A list of lists of what is deleted, each with its first entries: a roster may have 10,000."""
    shown = [shortened(each) if isinstance(each, list) else each for each in listed[:MOST_LISTED]]
    more = len(listed) - len(shown)
    return [*shown, _("and %(n)d more") % {"n": more}] if more else shown
