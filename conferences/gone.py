"""What a request is told that comes too late."""

from django.utils.translation import gettext as _

from confbox.kit.coded import coded


def is_gone() -> str:
    """For a request that waited while its conference was merged or deleted."""
    return coded(
        "gone", _("This conference has just been merged into another one or deleted. Nothing was changed.")
    )
