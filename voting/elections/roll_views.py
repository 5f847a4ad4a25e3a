"""The electoral roll as members see it: figures, digest, changes with their reasons, and their own entry."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.downloads import text_download
from confbox.kit.limits import Limit, is_heavy
from conferences.models import Conference, Membership
from conferences.views import for_members, membership_or_reader
from voting.elections.eligibility import roll_entry_of
from voting.elections.panels.roll import roll_entry_panel
from voting.elections.roll.actions import ensure_frozen
from voting.elections.roll.publication import roll_changes, roll_csv, roll_figures

# Each reads the whole roll.
ROLL_DOWNLOADS = Limit("downloads of an electoral roll", person="60/h")


def roll_is_for_members(_user: User, _conference: Conference) -> str:
    return _("The list of voters is for members.")


@require_safe
@for_members(roll_is_for_members)
def electoral_roll(request: PersonRequest, membership: Membership) -> HttpResponse:
    conference = membership.conference
    ensure_frozen(conference=conference, membership=None if membership.reads_only else membership)
    context = {
        "conference": conference,
        "membership": membership,
        "figures": roll_figures(conference.election) if conference.election.roll_frozen_at else None,
        "changes": roll_changes(conference.election),
        "entry": None if membership.reads_only else roll_entry_panel(roll_entry_of(membership)),
        "reads_only": membership.reads_only,
    }
    return render(request, "voting/elections/roll.html", context)


@require_safe
@is_heavy(ROLL_DOWNLOADS)
def electoral_roll_csv(request: PersonRequest, slug: str) -> HttpResponse:
    membership = membership_or_reader(request, slug)
    ensure_frozen(conference=membership.conference)
    text = roll_csv(membership.conference.election)
    return text_download(text, name=f"roll-{slug}.csv", content_type="text/csv")
