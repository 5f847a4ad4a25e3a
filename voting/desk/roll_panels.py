"""What the electoral roll on the desk shows of its members, by their state."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.panels import Panel
from conferences.models import Membership

ON_ROLL, OFF_ROLL = "on", "off"
# Of those on the roster who have not joined: who is on the roll, and who is not.
WAITING, LISTED_LATER = "waiting", "listed"
UNREACHABLE = "unreachable"
MEMBERS_PANEL = "admin/voting/tally/roll_members_panel"
ROLL_MARK = "admin/voting/tally/roll_mark"
MARKED = ("late", "added")


class RollRow(NamedTuple):
    """A person on one of the lists; `pk` is the ID of the member or of the roster entry."""

    pk: int
    name: str
    email: str
    mark: Panel | None = None


def members_panel(found: Any, *, words: str, is_on_roll: bool) -> Panel:
    """One page of the members who are on the roll, or of those who are not."""
    if found.object_list:
        rows = [
            RollRow(member.pk, str(member), member.user.email, roll_mark(member) if is_on_roll else None)
            for member in found
        ]
        return _list("on_roll" if is_on_roll else "not_on_roll", rows, ON_ROLL if is_on_roll else OFF_ROLL)
    if words:
        return Panel(MEMBERS_PANEL, "none_found")
    return Panel(MEMBERS_PANEL, "nobody_on_roll" if is_on_roll else "everyone_on_roll")


def listed_panel(found: Any, *, words: str, is_on_roll: bool) -> Panel:
    """One page of those on the roster who have not joined: who is on the roll, or who is not."""
    if found.object_list:
        rows = [RollRow(entry.pk, entry.name, entry.email) for entry in found]
        return _list(
            "not_joined" if is_on_roll else "listed_later", rows, WAITING if is_on_roll else LISTED_LATER
        )
    if words:
        return Panel(MEMBERS_PANEL, "no_entry_found")
    return Panel(MEMBERS_PANEL, "all_have_joined" if is_on_roll else "none_listed_later")


def _list(state: str, rows: list[RollRow], show: str) -> Panel:
    return Panel(MEMBERS_PANEL, state, {"rows": rows, "place": f"&show={show}"})


def roll_mark(member: Membership) -> Panel | None:
    """How a member came on the roll, if not by its freezing."""
    entry = getattr(member, "roll_entry", None)
    return Panel(ROLL_MARK, entry.kind) if entry and entry.kind in MARKED else None


def roll_tabs(
    counts: Mapping[str, int | None], *, only_roster_votes: bool
) -> list[tuple[str, str, int | None]]:
    """Each list of people with its name and how many are on it, if that is known."""
    names = {
        ON_ROLL: _("On the list: joined") if only_roster_votes else _("On the list"),
        WAITING: _("On the list, not joined yet"),
        LISTED_LATER: _("Listed since voting opened, may not vote"),
        OFF_ROLL: _("Members who are not on it"),
        UNREACHABLE: _("Cannot be reached by email"),
    }
    return [(show, name, counts[show]) for show, name in names.items() if show in counts]


def off_roster_words(number: int) -> str:
    """Empty if every member is on the roster."""
    said = ngettext(
        "%(number)s of your members is not on the roster and will not be able to vote.",
        "%(number)s of your members are not on the roster and will not be able to vote.",
        number,
    )
    return said % {"number": intcomma(number)} if number else ""
