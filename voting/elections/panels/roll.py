"""What members see of their own entry on the electoral roll."""

from confbox.kit.panels import Panel
from voting.elections.roll.models import RollEntry
from voting.elections.roll.publication import source_of

ROLL_ENTRY = "voting/elections/roll_entry"


def roll_entry_panel(entry: RollEntry | None) -> Panel:
    if entry is None:
        return Panel(ROLL_ENTRY, "not_on_roll")
    if entry.removed_at:
        return Panel(ROLL_ENTRY, "removed")
    facts = {"leaf": entry.leaf, "source": source_of(entry) if entry.salt else ""}
    return Panel(ROLL_ENTRY, "on_roll", facts)
