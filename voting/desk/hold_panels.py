from typing import Any

from confbox.kit.panels import Panel
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.panels.link import link_note
from voting.elections.receipts.holds import latest_end, why_not_to_keep
from voting.elections.receipts.models import PublishedBallots

HOLD_PANEL = "admin/voting/tally/hold_panel"


def hold_panel(conference: Conference, published: PublishedBallots | None, form: Any) -> Panel:
    """For keeping votes linked to voters for longer, or why there is nothing to keep."""
    if refusal := why_not_to_keep(conference, published):
        return Panel(HOLD_PANEL, "nothing", {"refusal": refusal})
    assert published
    note, latest = link_note(published, conference), latest_end(conference, published)
    disputes_end_at = published.dispute_ends_at
    is_early = conference.now < disputes_end_at
    facts = {
        "form": form,
        "note": note,
        "latest": in_zone(conference, latest),
        "again": in_zone(conference, disputes_end_at) if is_early else "",
    }
    return Panel(HOLD_PANEL, "longest" if latest <= published.linked_until else "enter", facts)
