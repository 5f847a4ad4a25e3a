"""What only owners do, for organisers who would look for it in vain."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from conferences.changes.deletion import is_own_draft
from conferences.merging.rules import MERGE
from conferences.models import TeamMember
from conferences.organising.checklist import Look
from conferences.organising.tabs import CHANGE


@dataclass(frozen=True)
class DoneByOwners:
    words: str
    # Whom to write to.
    owners: list[User]


def done_by_owners(look: Look) -> DoneByOwners | None:
    """None for those who do it themselves, and for those who change nothing."""
    if look.conference.is_rehearsal or look.may(MERGE) or not look.may(CHANGE):
        return None
    found = TeamMember.objects.running(look.conference).owners().select_related("person")
    owners = list(dict.fromkeys(owner.person for owner in found.order_by("joined_at", "pk")))
    return DoneByOwners(_words(look, has_owners=bool(owners)), owners)


def _words(look: Look, *, has_owners: bool) -> str:
    if is_own_draft(look.conference, look.person):
        if has_owners:
            return _("An owner can merge this conference into another one.")
        return _("An organiser of the site can merge this conference into another one.")
    if has_owners:
        return _(
            "An owner can merge this conference into another one, or delete it while no one outside its team "
            "has joined."
        )
    return _(
        "An organiser of the site can merge this conference into another one, or delete it while no one "
        "outside its team has joined."
    )
