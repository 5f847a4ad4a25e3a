"""What the page to confirm an import shows, depending on the file."""

from confbox.kit.panels import Panel
from conferences.importing.actions import ImportPlan

PLAN_PANEL = "admin/conferences/import/plan_panel"


def plan_panel(plan: ImportPlan) -> Panel:
    if plan.bad:
        return Panel(PLAN_PANEL, "bad_rows")
    if plan.moved:
        return Panel(PLAN_PANEL, "moved_dates")
    return Panel(PLAN_PANEL, "new_only", {"new": len(plan.new)}) if plan.new else Panel(PLAN_PANEL, "nothing")
