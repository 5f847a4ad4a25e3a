"""What the page of a roster shows of the electoral roll: who is on the one and not on the other."""

from typing import Any

from accounts.requests import PersonRequest
from confbox.kit.panels import Panel
from conferences.consent.panels import notice_of
from conferences.models import Conference, RosterEntry
from conferences.roster.page_parts import RosterPart, Shown
from voting.elections.election.two_people import ROLL
from voting.elections.roll.actions import ensure_frozen
from voting.elections.roll.models import RollEntry
from voting.elections.roll.roster import removes_voter


def facts(request: PersonRequest, conference: Conference, shown: Shown) -> dict[str, Any]:
    """While voting is open by the roster: how many were listed too late, and which of those on the page."""
    election = conference.election
    is_running = election.only_roster_votes() and election.roll_frozen_at and not election.is_count_final()
    if not is_running:
        return {"listed_too_late": 0, "not_on_roll": set()}
    on_roll = RollEntry.objects.current().filter(election=conference.pk, roster_entry__isnull=False)
    present = RosterEntry.objects.present().filter(conference=conference)
    late = present.exclude(pk__in=on_roll.values("roster_entry"))
    may_add = request.user.has_perm("conferences.exclude_membership", conference)
    may_be_added = late.filter(pk__in=[entry.pk for entry in shown.entries if may_add])
    return {
        "listed_too_late": late.count() if shown.is_counted else None,
        "not_on_roll": set(may_be_added.values_list("pk", flat=True)),
    }


def removal_notice(request: PersonRequest, entry: RosterEntry) -> Panel | None:
    """Who would have to confirm it, where the entry is on the electoral roll of an open vote."""
    conference = entry.conference
    ensure_frozen(conference=conference)
    if not removes_voter(conference.election, entry):
        return None
    return notice_of(ROLL, conference, {"change": "unlist", "row": entry.pk}, person=request.user)


PART = RosterPart(
    facts=facts,
    above_entries="admin/voting/tally/_listed_too_late.html",
    of_entry="admin/voting/tally/_add_listed.html",
    removal_notice=removal_notice,
)
