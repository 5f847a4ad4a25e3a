"""What the dashboard shows of a conference, by its state and by what the person may do in it."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from confbox.kit.panels import Panel
from conferences.admission.words import rules_in_words
from conferences.local_times import in_zone
from conferences.models import Conference, Series
from conferences.teams.dashboard import Wait

STEP_PANEL = "admin/voting/dashboard/step_panel"
EMPTY_PANEL = "admin/voting/dashboard/empty_panel"
VOTE_LINE = "admin/voting/dashboard/vote_line"
CHANGE, IMPORT = "conferences.change_conference", "conferences.change_rosterentry"
DECISION = "voting.view_decision"
# The page that each opens to look at a conference, by the first of these permissions that they have.
PAGES = {
    "voting.view_election": (_("Open the turnout"), "admin:voting_election_turnout"),
    "conferences.view_rosterentry": (_("Open the roster"), "admin:conferences_roster"),
    "conferences.view_conference": (_("Open the conference"), "admin:conferences_overview"),
}


def next_step(conference: Conference, *, permissions: Collection[str], waits: list[Wait]) -> Panel:
    """The one thing to do next in this conference, for a person with these permissions in it."""
    facts = _facts(conference, permissions)
    if waits:
        return Panel(STEP_PANEL, "waiting", facts | {"wait": waits[0]})
    is_stopped = conference.status in (Conference.Status.INACTIVE, Conference.Status.CANCELLED)
    if conference.is_over() or is_stopped:
        return Panel(STEP_PANEL, "look", facts)
    if preparing := _preparation(conference, permissions):
        # Said, as no one has read it if the third step in which a draft is created was never saved.
        everyone = rules_in_words(conference.admission) if conference.admission.everyone else ""
        return Panel(STEP_PANEL, preparing, facts | {"everyone": everyone})
    is_unanswered = conference.election.decided_at and not conference.election.speaker_id
    return Panel(STEP_PANEL, "unanswered" if is_unanswered and DECISION in permissions else "look", facts)


def vote_line(conference: Conference) -> Panel:
    """What everyone in the team may know of the vote, with the times in the conference's own zone."""
    election = conference.election
    opens, closes = in_zone(conference, election.opens_at), in_zone(conference, election.closes_at)
    is_missed = conference.is_over() and not election.has_opened()
    state = "without_rules" if election.lacks_rules() else str(election.state())
    if election.opens_when_published():
        state = "when_published"
    if is_missed and not election.speaker_id:
        state = "without_vote"
    if conference.is_cancelled:
        state = "cancelled_after_vote" if election.is_count_final() else "cancelled"
    return Panel(VOTE_LINE, state, {"opens": opens, "closes": closes})


def _preparation(conference: Conference, permissions: Collection[str]) -> str:
    """What this person still has to do before voting opens; empty if nothing."""
    election = conference.election
    if election.has_opened():
        return ""
    may_change = CHANGE in permissions
    # Dates that passed without rules have to be entered again. Rules to set are among what waits.
    if may_change and (not election.closes_at or election.closes_at <= election.now):
        return "schedule"
    if IMPORT in permissions and lacks_roster(conference):
        return "roster"
    return "publish" if may_change and conference.status == Conference.Status.DRAFT else ""


def lacks_roster(conference: Conference) -> bool:
    """Whether its rules need a roster that is empty. `has_roster` was annotated."""
    admission, is_listed = conference.admission, conference.has_roster  # type: ignore[attr-defined]
    needs_one = conference.election.only_roster_votes() or (admission.roster and not admission.everyone)
    return needs_one and not is_listed


def _facts(conference: Conference, permissions: Collection[str]) -> dict[str, Any]:
    pages = [PAGES[needed] for needed in PAGES if needed in permissions]
    # Nothing goes on in the vote of a cancelled one.
    label, name = pages[-1 if conference.is_cancelled else 0]
    return {"conference": conference, "page_label": label, "page_url": reverse(name, args=[conference.pk])}


def empty_panel(*, words: str, may_create: bool, series: list[Series]) -> Panel:
    """Where a list would be: nothing is found, or there is no conference yet."""
    if words:
        return Panel(EMPTY_PANEL, "none_found", {"words": words})
    facts = {"series": series}
    if series:
        return Panel(EMPTY_PANEL, "create_in_series", facts)
    return Panel(EMPTY_PANEL, "create" if may_create else "nothing", facts)
