"""What organisers see of the timetable: each email with its time, its text and what became of it."""

from dataclasses import dataclass

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.models import Election
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice

STATE_NOTE = "admin/voting/timetable/state_note"
SWITCH_NOTE = "admin/voting/timetable/switch_note"
Outcome = Notice.Outcome


@dataclass(frozen=True)
class TimetableRow:
    code: str
    label: str
    audience: str
    when: str
    # What is planned or became of it, and how it can be switched.
    state: Panel
    switch: Panel
    # How many would get it now, or got it; empty where that must not be shown.
    recipients: str
    draft: Draft


def timetable_of(conference: Conference, *, viewer: User) -> list[TimetableRow]:
    """The emails that the site sends for this conference, in their order, as they are planned now."""
    election = conference.election
    # A text of the timetable shows the times of the conference's election.
    election.conference = conference
    off = set(SwitchedOffNotice.objects.filter(conference=conference).values_list("kind", flat=True))
    stored: dict[str, list[Notice]] = {}
    for notice in Notice.objects.filter(conference=conference).order_by("-at", "-pk"):
        stored.setdefault(notice.kind, []).append(notice)
    return [
        _row(kind, election, stored.get(kind.code, []), kind.code in off, viewer) for kind in KINDS.values()
    ]


def _row(
    kind: NoticeKind, election: Election, notices: list[Notice], is_off: bool, viewer: User
) -> TimetableRow:
    state = _state(kind, election, notices, is_off)
    is_over = bool(notices) and not kind.is_repeated
    can_be_switched = state.state in ("planned", "when_it_happens", "off", "waits_for_dates")
    return TimetableRow(
        kind.code,
        str(kind.label),
        str(kind.audience),
        str(kind.when),
        state,
        Panel(SWITCH_NOTE, ("off" if is_off else "on") if can_be_switched else "fixed", {"code": kind.code}),
        kind.reached_in_words(notices[0]) if is_over else kind.recipients_in_words(election),
        kind.draft(election, viewer),
    )


def _state(kind: NoticeKind, election: Election, notices: list[Notice], is_off: bool) -> Panel:
    last = notices[0] if notices else None
    if last and not kind.is_repeated:
        return _what_became(election, last)
    if is_off:
        return Panel(STATE_NOTE, "off")
    if not kind.is_for(election):
        return Panel(STATE_NOTE, "waits_for_dates")
    return _planned(kind, election, notices)


def _what_became(election: Election, notice: Notice) -> Panel:
    facts = {
        "at": in_zone(election.conference, notice.at),
        "due": in_zone(election.conference, notice.due_at),
        "reason": notice.get_reason_display(),
    }
    return Panel(STATE_NOTE, notice.outcome, facts)


def _planned(kind: NoticeKind, election: Election, notices: list[Notice]) -> Panel:
    occasions = kind.occasions(election)
    if kind.is_repeated:
        sent = [notice.at for notice in notices if notice.outcome != Outcome.SKIPPED]
        last = in_zone(election.conference, sent[0]) if sent else ""
        return Panel(STATE_NOTE, "when_it_happens", {"last": last})
    if not occasions:
        return Panel(STATE_NOTE, "never", {"why": kind.never})
    due_at = occasions[0].due_at
    state = "too_old" if due_at < election.now - HORIZON else "planned"
    return Panel(STATE_NOTE, state, {"due": in_zone(election.conference, due_at)})
