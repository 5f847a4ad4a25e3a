"""The electoral roll on the desk: who is on it, and the explicit act of adding or removing a voter."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.form_pages import asking, posted
from confbox.kit.outcomes import Change
from confbox.kit.pagination import page_of, place_of, search_words
from confbox.kit.panels import Panel
from conferences.consent.actions import do_or_ask
from conferences.consent.answers import is_asked
from conferences.consent.panels import notice_of
from conferences.members_in_order import page_in_order
from conferences.models import Conference, Membership, RosterEntry
from voting.campaigns.unreachable import still_matters
from voting.desk.access import conference_or_refuse, page_context
from voting.desk.forms import RollForm
from voting.desk.roll_panels import (
    LISTED_LATER,
    OFF_ROLL,
    ON_ROLL,
    UNREACHABLE,
    WAITING,
    listed_panel,
    members_panel,
    off_roster_words,
    roll_tabs,
)
from voting.desk.unreachable import number_unreachable, unreachable_panel
from voting.elections.election.two_people import ROLL
from voting.elections.eligibility import roll_entry_of
from voting.elections.figures.shown import shown_roll
from voting.elections.results import was_tally_live
from voting.elections.roll.actions import add_to_roll, ensure_frozen, remove_from_roll
from voting.elections.roll.lists import entries_listed_later, waiting_entries
from voting.elections.roll.publication import members_off_roster, not_joined, roll_changes
from voting.elections.roll.roster import add_listed_to_roll

PER_PAGE = 100
LISTS_OF_ROSTER = WAITING, LISTED_LATER
LISTS = (ON_ROLL, OFF_ROLL, *LISTS_OF_ROSTER, UNREACHABLE)


@require_safe
def roll(request: PersonRequest, conference_id: int) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id, "conferences.view_membership")
    ensure_frozen(conference=conference)
    words, show = search_words(request), _chosen_list(request, conference)
    page, panel = _people(request, conference, show, words)
    context = page_context(request, conference) | {
        "page": page,
        "members": panel,
        "q": words,
        "show": show,
        "changes": roll_changes(conference.election),
        "can_change": _can_change(request, conference),
        "place": place_of(request.GET, show=LISTS),
    }
    frozen = conference.election.roll_frozen_at
    context |= (_facts_of_roll if frozen else _facts_of_future_roll)(request, conference)
    return render(request, "admin/voting/tally/roll.html", context)


def _chosen_list(request: PersonRequest, conference: Conference) -> str:
    lists = lists_for(request, conference)
    show = request.GET.get("show", "")
    return show if show in lists else lists[0]


def lists_for(request: PersonRequest, conference: Conference) -> tuple[str, ...]:
    """Before voting opens the roster is the future roll, so only who is not on it needs a list."""
    unreachable = (UNREACHABLE,) if still_matters(conference) else ()
    if not conference.election.roll_frozen_at:
        return OFF_ROLL if conference.election.only_roster_votes() else ON_ROLL, *unreachable
    roster = LISTS_OF_ROSTER if _shows_roster(request, conference) else ()
    return ON_ROLL, OFF_ROLL, *roster, *unreachable


def _people(request: PersonRequest, conference: Conference, show: str, words: str) -> tuple[Any, Panel]:
    if show == UNREACHABLE:
        return unreachable_panel(request, conference, words)
    return (_listed if show in LISTS_OF_ROSTER else _members)(request, conference, show, words)


def _facts_of_roll(request: PersonRequest, conference: Conference) -> dict[str, Any]:
    """A large roll may still be being counted; its lists can be read meanwhile."""
    counted, is_roster = shown_roll(conference), conference.election.only_roster_votes()
    numbers = dict(counted.value) if counted else {}
    numbers[UNREACHABLE] = number_unreachable(request, conference)
    counts = {show: numbers.get(show) for show in lists_for(request, conference)}
    facts = {"lists": roll_tabs(counts, only_roster_votes=is_roster), "has_list": True, "is_fixed": True}
    if counted is None:
        return facts
    return facts | {
        "figures": numbers["figures"],
        "on_roll_now": numbers[ON_ROLL] + numbers[WAITING],
        "not_joined": numbers[WAITING],
        "counted_at": counted.counted_at,
    }


def _facts_of_future_roll(request: PersonRequest, conference: Conference) -> dict[str, Any]:
    election, unreachable = conference.election, number_unreachable(request, conference)
    facts: dict[str, Any] = {"unreachable": unreachable}
    if not election.only_roster_votes():
        return facts | {"has_list": True}
    off_roster = members_off_roster(election).count()
    present = RosterEntry.objects.present().filter(conference=conference).count()
    return facts | {
        "present": present,
        "not_joined": not_joined(election),
        "off_roster": off_roster_words(off_roster),
        "has_list": off_roster > 0 or unreachable > 0,
    }


def _shows_roster(request: PersonRequest, conference: Conference) -> bool:
    """Whether there are people who may vote and have not joined, and this organiser may see them."""
    is_fixed = bool(conference.election.roll_frozen_at) and conference.election.only_roster_votes()
    return is_fixed and request.user.has_perm("conferences.change_conference", conference)


def _listed(request: PersonRequest, conference: Conference, show: str, words: str) -> tuple[Any, Panel]:
    entries = waiting_entries(conference) if show == WAITING else entries_listed_later(conference)
    shown = page_of(request, entries.search(words).order_by("mailbox"), PER_PAGE)
    return shown, listed_panel(shown, words=words, is_on_roll=show == WAITING)


def _members(request: PersonRequest, conference: Conference, show: str, words: str) -> tuple[Any, Panel]:
    found = members_in(conference, show).select_related("user", "roll_entry")
    shown = page_in_order(request, conference, found, words, PER_PAGE, are_most=show == ON_ROLL)
    return shown, members_panel(shown, words=words, is_on_roll=show != OFF_ROLL)


def members_in(conference: Conference, show: str) -> Any:
    """Those on one of the two lists of members."""
    members, election = Membership.objects.filter(conference=conference), conference.election
    if not election.roll_frozen_at:
        return members_off_roster(election) if election.only_roster_votes() else members.of_active_people()
    if show == OFF_ROLL:
        on_roll = members.filter(roll_entry__isnull=False, roll_entry__removed_at=None)
        return members.of_active_people().exclude(pk__in=on_roll.values("pk"))
    return members.filter(roll_entry__isnull=False, roll_entry__removed_at=None)


def _can_change(request: PersonRequest, conference: Conference) -> bool:
    is_running = conference.election.roll_frozen_at and not conference.election.is_count_final()
    return bool(is_running) and request.user.has_perm("conferences.exclude_membership", conference)


@asking
def change_roll(request: PersonRequest, conference_id: int, member_id: int) -> HttpResponse:
    """Removes a member who is on the roll, or adds one who is not; either asks for the reason first."""
    conference = conference_or_refuse(request, conference_id, "conferences.exclude_membership")
    require_fresh_log_in(request)
    members: QuerySet[Membership] = Membership.objects.filter(conference=conference)
    member = get_object_or_404(members.select_related("user", "conference__election"), pk=member_id)
    adds = request.GET.get("act") == "add"
    form = RollForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            _change(request, member, form.cleaned_data["reason"], adds=adds)
            return redirect(_roll_url(request, conference))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"member": member, "form": form, "adds": adds, "entry": roll_entry_of(member)}
    context |= {"was_tally_live": was_tally_live(conference), "roll_url": _roll_url(request, conference)}
    asked = {"change": "add" if adds else "remove", "row": member.pk}
    context["consent"] = notice_of(ROLL, conference, asked, person=request.user)
    return render(request, "admin/voting/tally/change_roll.html", page_context(request, conference) | context)


@asking
def add_listed(request: PersonRequest, conference_id: int, entry_id: int) -> HttpResponse:
    """Adds a person to the roll who is on the roster and has not joined; asks for the reason first."""
    needed = ("conferences.exclude_membership", "conferences.change_conference")
    conference = conference_or_refuse(request, conference_id, *needed)
    require_fresh_log_in(request)
    listed = get_object_or_404(RosterEntry, pk=entry_id, conference=conference)
    form = RollForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            _add_listed(request, listed, form.cleaned_data["reason"])
            return redirect(_roll_url(request, conference))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = page_context(request, conference) | {"member": listed, "form": form}
    context |= {"adds": True, "has_to_join": True, "roll_url": _roll_url(request, conference)}
    asked = {"change": "add_listed", "row": listed.pk}
    context["consent"] = notice_of(ROLL, conference, asked, person=request.user)
    return render(request, "admin/voting/tally/change_roll.html", context)


def _roll_url(request: PersonRequest, conference: Conference) -> str:
    """The page of the roll, with the list and the search from which the person came."""
    return reverse("admin:voting_election_roll", args=[conference.pk]) + place_of(request.GET, show=LISTS)


def _add_listed(request: PersonRequest, listed: RosterEntry, reason: str) -> None:
    by = actor_of(request)
    verb = partial(add_listed_to_roll, listed=listed, by=by, reason=reason)
    added = do_or_ask(verb, reason=reason, by=by)
    if is_asked(request, added):
        return
    if added is Change.MADE:
        messages.success(request, _("%(name)s is on the list of voters now.") % {"name": listed})
    else:
        messages.warning(request, _("%(name)s was already on it.") % {"name": listed})


def _change(request: PersonRequest, member: Membership, reason: str, *, adds: bool) -> None:
    verb, by = add_to_roll if adds else remove_from_roll, actor_of(request)
    done = do_or_ask(partial(verb, membership=member, by=by, reason=reason), reason=reason, by=by)
    if is_asked(request, done):
        return
    changed = done is Change.MADE
    if adds:
        said = _("%(name)s is on the list of voters now.") if changed else _("%(name)s was already on it.")
    else:
        said = _("%(name)s is no longer on the list of voters.") if changed else _("%(name)s was not on it.")
    (messages.success if changed else messages.warning)(request, said % {"name": member})
