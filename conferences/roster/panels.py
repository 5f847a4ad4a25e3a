"""What the pages of a roster show in each state."""

from typing import Any

from confbox.kit.panels import Panel
from conferences.roster.planning import RosterPlan
from conferences.roster.rows import Listing

ENTRIES_PANEL = "admin/conferences/roster/entries_panel"
PLAN_PANEL = "admin/conferences/roster/plan_panel"


def entries_panel(found: Any, *, total: int) -> Panel:
    """The entries that match the search; `total` counts all entries on the roster."""
    if not total:
        return Panel(ENTRIES_PANEL, "empty")
    return Panel(ENTRIES_PANEL, "found" if found.paginator.count else "none_found")


def plan_panel(listing: Listing, plan: RosterPlan) -> Panel:
    if listing.refused:
        return Panel(PLAN_PANEL, "some_refused" if plan.changes_anything() else "refused")
    return Panel(PLAN_PANEL, "to_confirm" if plan.changes_anything(removes_missing=True) else "nothing")
