"""What the page to confirm the import of a roster shows, by what the list would do."""

from confbox.kit.panels import Panel
from conferences.roster.planning import RosterPlan
from conferences.roster.rows import Listing

PLAN_PANEL = "admin/conferences/roster/plan_panel"


def plan_panel(listing: Listing, plan: RosterPlan) -> Panel:
    if listing.refused:
        return Panel(PLAN_PANEL, "refused")
    return Panel(PLAN_PANEL, "to_confirm" if plan.changes_anything(removes_missing=True) else "nothing")
