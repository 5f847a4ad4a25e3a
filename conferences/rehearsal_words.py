"""How everything of a rehearsal says that it is one."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _

# Of the title of the conference; the rest of the column is for the word.
LONGEST_TITLE = 170


def rehearsal_title(title: str) -> str:
    return _("%(title)s (rehearsal)") % {"title": Truncator(title).chars(LONGEST_TITLE)}


def rehearsal_subject(subject: str, title: str) -> str:
    """Most subjects have the title of the rehearsal in them, which shows what it is."""
    return subject if title in subject else _("[Rehearsal] %(subject)s") % {"subject": subject}


def rehearsal_note() -> str:
    return _("This is a rehearsal: its voters are invented, and this email went to your team alone.")


def why_not_in_rehearsal() -> str:
    """Why something that would outlive a rehearsal, or reach others, is refused there."""
    return _(
        "This is a rehearsal, which is removed soon and is for your team alone. Do this in the conference."
    )
