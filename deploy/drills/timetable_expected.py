"""Which emails the thirty conferences should have had: by the handbook, not by the product's code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from timetable_cast import RULES_SET_LATE, SWITCHED_OFF, TEAM, WITHOUT_PITCH, Story

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REACHED = ("candidate", "voted", "idle", "opted_out", "last")
FOREVER = DAY * 10_000
# Those of the timetable say that they are late; the others follow at once from what an organiser does.
OF_TIMETABLE = (
    "no_candidates",
    "opened",
    "closes_soon",
    "undecided",
    "unanswered",
    "reply_soon",
    "reply_overdue",
    "waiting",
)


@dataclass(frozen=True)
class Expected:
    kind: str
    to: str
    due: datetime
    # From when it is too late.
    until: datetime
    # As the row calls it.
    code: str
    number: int


def expected_of(story: Story, now: datetime) -> list[Expected]:
    """Those due by now."""
    found = [
        *_opened(story),
        *_closes_soon(story),
        *_no_candidates(story),
        *_undecided(story),
        *_of_decision(story),
        *_at_once(story),
    ]
    stopped = story.cancelled
    return [
        e for e in found if e.due <= now and (not stopped or e.due < stopped or e.kind not in OF_TIMETABLE)
    ]


def closes_of(story: Story, at: datetime) -> datetime:
    """The deadline as it was at that time."""
    return next((to for since, to in reversed(story.moves) if since <= at), story.closes)


def last_close(story: Story) -> datetime:
    return story.moves[-1][1] if story.moves else story.closes


def _to(story: Story, kind: str, who, due, until=None, *, code="") -> list[Expected]:
    return [
        Expected(kind, story.email(w), due, until or due + FOREVER, code or kind, story.number) for w in who
    ]


def _opened(story: Story) -> list[Expected]:
    if SWITCHED_OFF.get(story.number) == "opened":
        return []
    until = min(story.opens + 3 * DAY, last_close(story))
    return _to(story, "opened", REACHED, story.opens, until)


def reminder_due(story: Story, closes: datetime) -> datetime | None:
    lasts = closes - story.opens
    if lasts < 2 * DAY:
        return None
    return closes - (2 * DAY if lasts > 5 * DAY else DAY)


def _closes_soon(story: Story) -> list[Expected]:
    """At the first time that a deadline makes it due; not if the deadline was moved to so soon."""
    closes = story.closes
    for at, to in [*story.moves, (None, None)]:
        due = reminder_due(story, closes)
        if due and (at is None or due < at):
            break
        closes = to
        new = reminder_due(story, closes) if closes else None
        if new and at and new <= at:
            return []
    if not due:
        return []
    who = [w for w in REACHED if w not in story.voted]
    who += ["late"] if story.joined_late and story.joined_late < due else []
    return _to(story, "closes_soon", who, due, closes)


def _no_candidates(story: Story) -> list[Expected]:
    if story.number not in WITHOUT_PITCH:
        return []
    due = story.opens - 3 * DAY
    if story.number == RULES_SET_LATE:
        due = story.rules_set + DAY
    return _to(story, "no_candidates", TEAM, due, story.opens)


def _undecided(story: Story) -> list[Expected]:
    found, closes = [], last_close(story)
    for code, days, until in (("undecided", 0, 2), ("undecided_2", 2, 7), ("undecided_7", 7, 14)):
        due = closes + days * DAY
        is_free = story.answer == "decline" and story.answered and story.answered <= due
        if SWITCHED_OFF.get(story.number) != code and (not story.decided or story.decided > due or is_free):
            found += _to(story, "undecided", TEAM, due, min(closes + until * DAY, story.ends), code=code)
    return found


def _of_decision(story: Story) -> list[Expected]:
    if not story.decided:
        return []
    found = _to(story, "chosen", ["candidate"], story.decided)
    if story.answered:
        everyone = (*REACHED, "quiet", "late", *TEAM)
        if story.answer == "accept":
            return found + _to(story, "result", everyone, story.answered)
        return found + _to(story, "answered", TEAM, story.answered)
    reply_by = (story.decided + 7 * DAY).replace(second=0, microsecond=0)
    found += _to(story, "unanswered", TEAM, story.decided + 3 * DAY, story.ends)
    found += _to(story, "reply_overdue", TEAM, reply_by, story.ends)
    return found + _to(story, "reply_soon", ["candidate"], reply_by - DAY, reply_by)


def _at_once(story: Story) -> list[Expected]:
    found = []
    for kind, times in (("window", story.window_emails), ("agenda", story.agenda_emails)):
        for at in times:
            has_late = story.joined_late and story.joined_late < at
            found += _to(story, kind, (*REACHED, "quiet", "guest", *(["late"] if has_late else [])), at)
    for due in story.digests:
        found += _to(story, "waiting", TEAM, due, story.ends)
    return found
