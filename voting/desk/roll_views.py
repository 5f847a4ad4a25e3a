"""The electoral roll on the desk: who is on it, and the explicit act of adding or removing a voter."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of, search_words
from confbox.kit.sorting import Alphabetical
from conferences.models import Conference, Membership
from voting.desk.access import conference_or_refuse, page_context
from voting.desk.forms import RollForm
from voting.desk.roll_panels import members_panel
from voting.elections.eligibility import roll_entry_of
from voting.elections.results import was_tally_live
from voting.elections.roll.actions import add_to_roll, ensure_frozen, remove_from_roll
from voting.elections.roll.publication import roll_changes, roll_figures

PER_PAGE = 100
ON_ROLL, OFF_ROLL = "on", "off"


@require_safe
def roll(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "conferences.view_membership")
    ensure_frozen(conference=conference)
    words, show = search_words(request), request.GET.get("show", ON_ROLL)
    found = _members(conference, show).search(words).select_related("user", "roll_entry")
    shown = page_of(request, found.order_by(Alphabetical("user__name"), "pk"), PER_PAGE)
    context = page_context(request, conference) | {
        "page": shown,
        "members": members_panel(shown, words=words, is_on_roll=show != OFF_ROLL),
        "q": words,
        "show": show,
        "figures": roll_figures(conference.election) if conference.election.roll_frozen_at else None,
        "changes": roll_changes(conference.election),
        "can_change": _can_change(request, conference),
    }
    return render(request, "admin/voting/tally/roll.html", context)


def _members(conference: Conference, show: str) -> Any:
    members = Membership.objects.filter(conference=conference)
    if not conference.election.roll_frozen_at:
        return members.of_active_people()
    if show == OFF_ROLL:
        on_roll = members.filter(roll_entry__isnull=False, roll_entry__removed_at=None)
        return members.of_active_people().exclude(pk__in=on_roll.values("pk"))
    return members.filter(roll_entry__isnull=False, roll_entry__removed_at=None)


def _can_change(request: PersonRequest, conference: Conference) -> bool:
    is_running = conference.election.roll_frozen_at and not conference.election.is_count_final()
    return bool(is_running) and request.user.has_perm("conferences.exclude_membership")


@require_http_methods(["GET", "HEAD", "POST"])
def change_roll(request: PersonRequest, conference_id: int, member_id: int) -> HttpResponse:
    """Removes a member who is on the roll, or adds one who is not; either asks for the reason first."""
    conference = conference_or_refuse(request, conference_id, "conferences.exclude_membership")
    require_fresh_log_in(request)
    members: QuerySet[Membership] = Membership.objects.filter(conference=conference)
    member = get_object_or_404(members.select_related("user", "conference__election"), pk=member_id)
    adds = request.GET.get("act") == "add"
    form = RollForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _change(request, member, form.cleaned_data["reason"], adds=adds)
            return redirect("admin:voting_election_roll", conference.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"member": member, "form": form, "adds": adds, "entry": roll_entry_of(member)}
    context |= {"was_tally_live": was_tally_live(conference)}
    return render(request, "admin/voting/tally/change_roll.html", page_context(request, conference) | context)


def _change(request: PersonRequest, member: Membership, reason: str, *, adds: bool) -> None:
    act = add_to_roll if adds else remove_from_roll
    changed = act(membership=member, by=actor_of(request), reason=reason) is Change.MADE
    if adds:
        said = _("%(name)s is on the electoral roll now.") if changed else _("%(name)s was on it already.")
    else:
        said = _("%(name)s is no longer on the electoral roll.") if changed else _("%(name)s was not on it.")
    (messages.success if changed else messages.warning)(request, said % {"name": member})
