"""How everything of a rehearsal says that it is one."""

from django.utils.translation import gettext as _


def rehearsal_subject(subject: str) -> str:
    return _("[Rehearsal] %(subject)s") % {"subject": subject}


def rehearsal_note() -> str:
    return _("This is a rehearsal: its voters are invented, and this email went to your team alone.")
