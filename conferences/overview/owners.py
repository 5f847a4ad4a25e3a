"""What only owners do, for organisers who would look for it in vain."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from conferences.merging.rules import MERGE
from conferences.models import TeamMember
from conferences.organising.checklist import Look
from conferences.organising.tabs import CHANGE


def done_by_owners(look: Look) -> str:
    """With their names; empty for those who do it themselves, and for those who change nothing."""
    if look.conference.is_rehearsal or look.may(MERGE) or not look.may(CHANGE):
        return ""
    owners = TeamMember.objects.running(look.conference).owners().select_related("person")
    names = list(dict.fromkeys(str(owner.person) for owner in owners.order_by("joined_at", "pk")))
    if not names:
        return _(
            "An organiser of the site can merge this conference into another one, or delete it while no one "
            "outside its team has joined."
        )
    said = _(
        "An owner can merge this conference into another one, or delete it while no one outside its team "
        "has joined. Please ask %(owners)s."
    )
    return said % {"owners": get_text_list(names, _("or"))}
