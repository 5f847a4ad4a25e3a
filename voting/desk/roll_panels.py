"""What the electoral roll on the desk shows of its members, by their state."""

from typing import Any

from confbox.kit.panels import Panel
from conferences.models import Membership

MEMBERS_PANEL = "admin/voting/tally/roll_members_panel"
ROLL_MARK = "admin/voting/tally/roll_mark"
MARKED = ("late", "added")


def members_panel(found: Any, *, words: str, is_on_roll: bool) -> Panel:
    """One page of the members who are on the roll, or of those who are not."""
    if found.object_list:
        rows = [(member, roll_mark(member) if is_on_roll else None) for member in found]
        return Panel(MEMBERS_PANEL, "on_roll" if is_on_roll else "not_on_roll", {"rows": rows})
    if words:
        return Panel(MEMBERS_PANEL, "none_found")
    return Panel(MEMBERS_PANEL, "nobody_on_roll" if is_on_roll else "everyone_on_roll")


def listed_panel(found: Any, *, words: str, is_on_roll: bool) -> Panel:
    """One page of those on the roster who have not joined: who is on the roll, or who is not."""
    if found.object_list:
        return Panel(MEMBERS_PANEL, "not_joined" if is_on_roll else "listed_later")
    if words:
        return Panel(MEMBERS_PANEL, "no_entry_found")
    return Panel(MEMBERS_PANEL, "all_have_joined" if is_on_roll else "none_listed_later")


def roll_mark(member: Membership) -> Panel | None:
    """How a member came on the roll, if not by its freezing."""
    entry = getattr(member, "roll_entry", None)
    return Panel(ROLL_MARK, entry.kind) if entry and entry.kind in MARKED else None
