"""All emails of the timetable, by their code and in the order of the page."""

from voting.timetable.kinds.kind import NoticeKind
from voting.timetable.kinds.members import VotingClosesSoon, VotingOpened
from voting.timetable.kinds.reply import ReplyOverdue, ReplySoon
from voting.timetable.kinds.team import (
    ClosedUndecided,
    LongUndecided,
    NoCandidates,
    StillUndecided,
    Unanswered,
)
from voting.timetable.kinds.waiting import Waiting

KINDS: dict[str, NoticeKind] = {
    kind.code: kind
    for kind in (
        NoCandidates(),
        VotingOpened(),
        VotingClosesSoon(),
        ClosedUndecided(),
        StillUndecided(),
        LongUndecided(),
        Unanswered(),
        ReplySoon(),
        ReplyOverdue(),
        Waiting(),
    )
}
