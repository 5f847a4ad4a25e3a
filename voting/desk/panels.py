"""What the pages of one election show to organisers, by their state."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.changes.consequences import emails_in_words
from conferences.consent.acts import is_required
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from conferences.versions import version_shown
from voting.campaigns.notices import window_emails_to_invited
from voting.desk.timeline import Timeline, has_begun
from voting.elections.decision_rules import version_of_choice
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import WINDOW
from voting.elections.fraud_signs import Signal
from voting.elections.models import Decision
from voting.elections.own_interest import refusal_to_choose
from voting.elections.results import was_tally_live
from voting.elections.tally import TallyResult
from voting.elections.ties import leaders_left, tied_to_choose_from

FOLDER = "admin/voting/tally"
DECISION_PANEL = f"{FOLDER}/decision_panel"
REPLY_BY_PANEL = f"{FOLDER}/reply_by_panel"
TAKE_BACK_PANEL = f"{FOLDER}/take_back_panel"
EXCLUSION_PANEL = f"{FOLDER}/exclusion_panel"
SIGNAL_PANEL = f"{FOLDER}/signal_panel"
CLOSE_PANEL = f"{FOLDER}/close_panel"
MOVE_PANEL = f"{FOLDER}/move_panel"
RESULT_PANEL = f"{FOLDER}/result_panel"
CHOICE_PANEL = f"{FOLDER}/choice_panel"
LEAD_NOTE = f"{FOLDER}/lead_note"
DEPARTURES_NOTE = f"{FOLDER}/departures_note"
TIMELINE_PANEL = f"{FOLDER}/timeline_panel"
LIST_PANEL = f"{FOLDER}/list_panel"
# While a count of a large vote is awaited.
COUNTING = Panel(RESULT_PANEL, "counting")


def decision_panel(
    *, candidate: Membership, tally: TallyResult, decisions: Sequence[Decision], form: Any, by: User
) -> Panel:
    """For choosing this candidate, after these decisions, newest first."""
    if decision := next((each for each in decisions if each.answer in Decision.CURRENT), None):
        return Panel(DECISION_PANEL, "decided_already", {"speaker": decision.speaker, "form": form})
    if refusal := refusal_to_choose(candidate=candidate, tally=tally, by=by):
        return Panel(DECISION_PANEL, "yourself", {"refusal": refusal})
    place = next((s for s in tally.standings if s.candidate.pk == candidate.pk), None)
    facts = {"candidate": candidate, "form": form, "place": place, "votes": tally.votes}
    facts["seen"] = version_of_choice(candidate)
    own = (each for each in decisions if each.speaker_id == candidate.pk)
    facts["refused"] = next((each for each in own if each.answer in Decision.NOT_SPEAKING), None)
    if place is None:
        return Panel(DECISION_PANEL, "without_votes", facts)
    return Panel(DECISION_PANEL, "tied" if place.is_tied else "placed", facts)


def reply_by_panel(decision: Decision, form: Any) -> Panel:
    return Panel(REPLY_BY_PANEL, "pending", {"decision": decision, "form": form})


def take_back_panel(decision: Decision, form: Any = None) -> Panel:
    """The form asks why a speaker who has accepted is withdrawn."""
    states = {Decision.Answer.PENDING: "pending", Decision.Answer.ACCEPTED: "accepted"}
    state = states.get(Decision.Answer(decision.answer), "answered")
    return Panel(TAKE_BACK_PANEL, state, {"decision": decision, "form": form})


def exclusion_panel(*, member: Membership, conference: Conference, form: Any, is_readmission: bool) -> Panel:
    facts = {"member": member, "form": form}
    if is_readmission:
        return Panel(EXCLUSION_PANEL, "readmit", facts)
    return Panel(EXCLUSION_PANEL, "exclude_live" if was_tally_live(conference) else "exclude", facts)


def signal_panel(signal: Signal, members: Mapping[int, Membership], *, can_exclude: bool) -> Panel:
    """What some members have in common, with a few of them by name."""
    facts = {
        "what": signal.what,
        "members": [members[pk] for pk in signal.shown],
        "total": signal.number,
        "hidden": signal.number - len(signal.shown),
        "can_exclude": can_exclude,
    }
    return Panel(SIGNAL_PANEL, signal.kind, facts)


def close_panel(conference: Conference, *, form: Any, decides: bool) -> Panel:
    """For closing voting early; with `decides`, for choosing the speaker next, unless two close it."""
    election = conference.election
    facts = {
        "form": form,
        "seen": version_shown(conference),
        "closes": in_zone(conference, election.closes_at),
        "emails": emails_in_words(conference),
        "to_invited": window_emails_to_invited(conference),
    }
    if not election.is_open():
        return Panel(CLOSE_PANEL, "not_open", facts)
    if is_required(WINDOW, conference):
        return Panel(CLOSE_PANEL, "ask_second_organiser", facts)
    return Panel(CLOSE_PANEL, "close_and_decide" if decides else "close", facts)


def move_panel(conference: Conference, *, form: Any) -> Panel:
    """For entering a new deadline, or for confirming the one in the form."""
    election = conference.election
    closes, new = election.closes_at, form.is_bound and form.is_valid() and form.cleaned_data["closes_at"]
    facts = {
        "form": form,
        "needs_consent": is_required(WINDOW, conference),
        "closes": in_zone(conference, closes),
        "new": in_zone(conference, new or None),
        "emails": emails_in_words(conference),
        "to_invited": window_emails_to_invited(conference),
    }
    if closes is None or not election.is_open():
        return Panel(MOVE_PANEL, "not_open", facts)
    if not new:
        return Panel(MOVE_PANEL, "enter", facts)
    return Panel(MOVE_PANEL, "earlier" if new < closes else "later", facts)


def result_panel(
    conference: Conference,
    *,
    tally: TallyResult | None = None,
    rows: Sequence[Any] = (),
    words: str = "",
) -> Panel:
    """Votes per candidate; without `tally`, for a person who may not see them yet."""
    if tally is None:
        return Panel(RESULT_PANEL, "secret", {"note": departures_note(conference)})
    found = list_panel("standings", rows=rows, words=words)
    return Panel(RESULT_PANEL, "counted", {"lead": lead_note(conference, tally), "list": found})


def choice_panel(conference: Conference, *, may_choose: bool, shown: dict[str, Any]) -> Panel:
    """Whom to choose as the speaker, or why no one can be chosen now."""
    state = conference.election.state()
    if may_choose:
        found = "standings" if "tally" in shown else "candidates"
        facts: dict[str, Any] = {"list": list_panel(found, rows=shown["rows"], words=shown["q"])}
        if found == "standings" and "is_asked_for" not in shown:
            facts["lead"] = lead_note(conference, shown["tally"])
        return Panel(CHOICE_PANEL, f"from_{found}", facts)
    if conference.election.decided_at:
        return _decided_panel(conference, shown["decisions"])
    if state in (VotingState.UNSCHEDULED, VotingState.CLOSED):
        return Panel(CHOICE_PANEL, "of_others")
    return Panel(CHOICE_PANEL, "of_draft" if conference.election.opens_when_published() else str(state))


def _decided_panel(conference: Conference, decisions: Sequence[Decision]) -> Panel:
    """Also what to do about a chosen member who did not answer in time."""
    last = decisions[0] if decisions else None
    if last and last.is_overdue(conference.now):
        until = in_zone(conference, last.reply_by)
        return Panel(CHOICE_PANEL, "unanswered", {"decision": last, "until": until})
    return Panel(CHOICE_PANEL, "decided")


def lead_note(conference: Conference, tally: TallyResult) -> Panel | None:
    """A tie, while there is no decision; those who said no are not part of it any more."""
    if len(tally.leaders) < 2 or conference.election.decided_at:
        return None
    if conference.election.is_open():
        return Panel(LEAD_NOTE, "tie_at_present")
    tied, left = tied_to_choose_from(conference, tally), leaders_left(conference, tally)
    facts = {"leaders": len(left), "left": left, "is_rule": bool(tied)}
    if len(left) < 2:
        return Panel(LEAD_NOTE, "one_is_left", facts) if left else None
    return Panel(LEAD_NOTE, "tie_to_decide_among_them" if tied else "tie_to_decide", facts)


def departures_note(conference: Conference) -> Panel | None:
    """What happens to the votes of members who leave while voting is open."""
    if not conference.election.is_open():
        return None
    return Panel(DEPARTURES_NOTE, "after_live" if conference.election.tally_was_live else "secret")


def timeline_panel(conference: Conference, timeline: Timeline | None) -> Panel | None:
    """Votes over time; none before voting opens."""
    if timeline is None:
        return Panel(TIMELINE_PANEL, "counting") if has_begun(conference) else None
    facts = {"timeline": timeline, "is_open": conference.election.is_open()}
    if not timeline.curve.total:
        return Panel(TIMELINE_PANEL, "too_few", facts)
    return Panel(TIMELINE_PANEL, "curve" if timeline.has_course else "one_step", facts)


def list_panel(found: str, *, rows: Sequence[Any], words: str) -> Panel:
    """`found` is the kind of rows, standings or candidates, and `words` the search."""
    if rows:
        return Panel(LIST_PANEL, found, {"rows": rows})
    return Panel(LIST_PANEL, f"no_{found}_found" if words else f"no_{found}")
