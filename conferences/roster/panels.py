"""What the pages of a roster show in each state."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from confbox.kit.panels import Panel
from conferences.admission.rules import ways_of
from conferences.models import Conference, RosterState
from conferences.roster.planning import RosterPlan
from conferences.roster.rows import Listing

ENTRIES_PANEL = "admin/conferences/roster/entries_panel"
PLAN_PANEL = "admin/conferences/roster/plan_panel"


def entries_panel(found: Any, *, is_empty: bool) -> Panel:
    """The entries that match the search; `is_empty`: there are none at all, not even removed ones."""
    if is_empty:
        return Panel(ENTRIES_PANEL, "empty")
    return Panel(ENTRIES_PANEL, "found" if len(found) or found.has_other_pages() else "none_found")


def figures_of(counts: Mapping[str, int] | None) -> dict[str, Any]:
    """How many there are, in each state and in all; None if they are not counted."""
    if counts is None:
        states = [(value, str(label), None) for value, label in RosterState.choices]
        return {"states": states, "present": None, "not_joined": None}
    return {
        "states": _states(counts),
        "present": sum(counts.values()) - counts[RosterState.REMOVED],
        "not_joined": counts[RosterState.LISTED] + counts[RosterState.INVITED],
    }


def _states(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Each state with its name and how many are in it; that of a second address only where there is one."""
    states = [(value, str(label), counts[value]) for value, label in RosterState.choices]
    return [each for each in states if each[0] != RosterState.SHARED or each[2]]


def empty_words(conference: Conference) -> list[str]:
    """What it means for who may join and who votes that no one is on the roster."""
    ways = ways_of(conference)
    if ways.everyone:
        joins = _("Everyone may join, whether there is a roster or not.")
    elif not ways.needs:
        joins = _("No rule lets anyone in, so no one can join.")
    elif not ways.roster:
        joins = _("The roster lets no one in; the other rules decide who may join.")
    elif len(ways.needs) == 1:
        joins = _("Only people on the roster may join, so no one can join now.")
    else:
        joins = _("The roster lets no one in yet. People can join by the other rules.")
    if conference.election.has_closed():
        return [joins]
    if conference.election.only_roster_votes():
        return [joins, _("Only members on the roster may vote, so no one can vote.")]
    return [joins, _("All members can vote, whether there is a roster or not.")]


def plan_panel(listing: Listing, plan: RosterPlan) -> Panel:
    if listing.refused:
        return Panel(PLAN_PANEL, "some_refused" if plan.changes_anything() else "refused")
    return Panel(PLAN_PANEL, "to_confirm" if plan.changes_anything(removes_missing=True) else "nothing")
