from django.utils.translation import gettext_lazy as _

from conferences.copying.rules import CHANGE, may_copy
from conferences.organising.checklist import Look
from conferences.organising.tabs import Tab, page


def _may_copy(look: Look) -> bool:
    return may_copy(look.person, look.conference)


COPY = Tab(
    order=10,
    name="copy",
    label=_("Copy this conference"),
    permission=CHANGE,
    url=page("conferences_copy"),
    is_shown=_may_copy,
)
