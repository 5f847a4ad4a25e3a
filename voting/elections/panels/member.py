"""What a member's page shows to other members, and to the member."""

from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from conferences.panels import voting_badge
from voting.elections.election.models import VotingState
from voting.elections.moderation.covering import has_covered_pitch, pitch_of
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import subjects_of
from voting.elections.panels.ballot import vote_button
from voting.elections.participation import Participation

PITCH_PANEL = "voting/elections/pitch_panel"
VOTE_DOCK = "voting/elections/vote_dock"


def pitch_panel(person: Membership, mine: Participation) -> Panel:
    is_own, pitch = _is_own(person, mine), pitch_of(person)
    is_count_final = mine.conference.election.is_count_final()
    if pitch and person.is_pitch_hidden:
        return Panel(PITCH_PANEL, "own_hidden" if is_own else "hidden", {"pitch": pitch})
    if pitch and pitch.is_covered and not is_own:
        return Panel(PITCH_PANEL, "covered")
    if pitch:
        is_secret = mine.conference.visibility == Conference.Visibility.MEMBERS_ONLY
        is_closed = is_count_final or pitch.is_covered
        can_share = person.accepts_votes and not is_closed and not is_secret
        # A public page can be made private again at any time.
        is_shared = pitch.shared_at is not None
        facts = {"pitch": pitch, "offers_sharing": is_own and (can_share or is_shared)}
        return Panel(PITCH_PANEL, "own_covered" if pitch.is_covered else "published", facts)
    return Panel(PITCH_PANEL, "own_missing" if is_own and not is_count_final else "missing")


def reports_of(person: Membership, viewer: Membership) -> str:
    """Whether this viewer can report “all” that the member shows, or only the “profile”; empty if neither."""
    subjects = [] if viewer.reads_only or viewer.pk == person.pk else subjects_of(person)
    if not subjects:
        return ""
    return "profile" if pitch_of(person) and Report.Subject.PITCH not in subjects else "all"


def _is_own(person: Membership, mine: Participation) -> bool:
    return mine.membership is not None and person.pk == mine.membership.pk


def vote_dock(person: Membership, mine: Participation) -> Panel:
    """What a member can do on another member's page (vote for them), or on their own (edit the pitch)."""
    election = mine.conference.election
    facts = {
        "election": election,
        "badge": voting_badge(mine.conference),
        "vote": mine.vote,
        "button": vote_button(person, mine),
        "accepts_votes": person.accepts_votes,
        "is_hidden": person.is_hidden,
        "has_pitch": pitch_of(person) is not None,
        "is_pitch_hidden": person.is_pitch_hidden,
        "is_pitch_covered": has_covered_pitch(person),
        "is_open": election.is_open(),
        "is_unscheduled": election.state() == VotingState.UNSCHEDULED,
    }
    return Panel(VOTE_DOCK, _state_of_dock(person, mine), facts)


def _state_of_dock(person: Membership, mine: Participation) -> str:
    election = mine.conference.election
    if _is_own(person, mine):
        return "own_after_voting" if election.is_count_final() else "own"
    if person.excluded_at:
        return "excluded"
    if not person.accepts_votes:
        return "opted_out"
    if person.is_pitch_hidden:
        return "pitch_hidden"
    if mine.vote and mine.vote.candidate_id == person.pk:
        return "chosen"
    return "open" if election.is_open() else "not_open"
