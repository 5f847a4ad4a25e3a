"""What members have reported in a conference, for the pages of its team: never who reported it."""

from collections import Counter
from dataclasses import dataclass

from accounts.permissions import Viewer
from conferences.models import Conference, Membership
from voting.elections.models import Pitch
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import shown_of

MOST_SHOWN = 50


@dataclass(frozen=True)
class Reported:
    """The reports about one pitch or profile that wait for the team, the oldest first."""

    member: Membership
    subject: str
    reports: list[Report]

    @property
    def is_pitch(self) -> bool:
        return self.subject == Report.Subject.PITCH

    @property
    def pitch(self) -> Pitch | None:
        return getattr(self.member, "pitch", None)

    @property
    def number(self) -> int:
        return len(self.reports)

    @property
    def first(self) -> Report:
        return self.reports[0]

    @property
    def is_changed(self) -> bool:
        """Whether its author has changed it since someone reported it."""
        if self.is_pitch and self.pitch is None:
            return True
        now_shown = shown_of(self.member, self.subject)
        return not all(report.is_unchanged(now_shown) for report in self.reports)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """In words, with how many members gave each."""
        return Counter(report.get_reason_display() for report in self.reports).most_common()

    @property
    def texts(self) -> list[str]:
        return [report.text for report in self.reports if report.text]


def reported_members(viewer: Viewer, conference: Conference) -> list[Reported]:
    """The queue of the team: what was reported first comes first. None of it is about the viewer."""
    rows = Report.objects.to_settle().managed_by(viewer).filter(membership__conference=conference)
    targets = dict.fromkeys(rows.values_list("membership", "subject").order_by("reported_at", "pk"))
    shown = list(targets)[:MOST_SHOWN]
    rows = rows.filter(membership__in=[pk for pk, _subject in shown])
    found: dict[tuple[int, str], list[Report]] = {target: [] for target in shown}
    for report in rows.select_related("membership__user", "membership__pitch"):
        if (target := (report.membership_id, report.subject)) in found:
            report.membership.conference = conference
            found[target].append(report)
    return [
        Reported(reports[0].membership, subject, reports)
        for (_pk, subject), reports in found.items()
        if reports
    ]


def suggested_reason(member: Membership, subject: str) -> str:
    """The reason that most members gave who reported it, as a sentence for its author."""
    given = Report.objects.unsettled().filter(membership=member, subject=subject)
    reasons = Counter(report.get_reason_display() for report in given.exclude(reason=Report.Reason.OTHER))
    return f"{reasons.most_common(1)[0][0]}." if reasons else ""
