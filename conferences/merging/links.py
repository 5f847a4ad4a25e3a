"""Merging in the overview of a conference."""

from django.utils.translation import gettext_lazy as _

from conferences.merging.rules import MERGE
from conferences.organising.checklist import Look
from conferences.organising.tabs import Tab, page


def _is_real(look: Look) -> bool:
    return not look.conference.is_rehearsal


MERGING = Tab(
    order=94,
    name="merge",
    label=_("Merge it into another conference"),
    permission=MERGE,
    url=page("conferences_merge"),
    is_shown=_is_real,
)
