"""What members have reported in a conference, for the pages of its team: never who reported it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, QuerySet

from accounts.permissions import Viewer
from conferences.models import Conference, Membership
from voting.elections.models import Pitch
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import shown_of

Target = tuple[Any, ...]
TARGET = ("membership_id", "subject")


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


def reports_for(viewer: Viewer, conference: Conference) -> QuerySet[Report]:
    """Those that wait for this person of the team, none about themselves."""
    return Report.objects.to_settle().managed_by(viewer).filter(membership__conference=conference)


def targets_of(reports: QuerySet[Report]) -> QuerySet[Any, Target]:
    """What they are about: what was reported first comes first."""
    found: Any = reports.order_by().values(*TARGET).annotate(first=Min("reported_at"), first_id=Min("pk"))
    return found.order_by("first", "first_id").values_list(*TARGET)  # type: ignore[no-any-return]


def reported_in(reports: QuerySet[Report], targets: Iterable[Target]) -> list[Reported]:
    """These targets, each with its reports."""
    found: dict[Target, list[Report]] = {target: [] for target in targets}
    rows = reports.filter(membership__in={target[0] for target in found})
    for report in rows.select_related("membership__user", "membership__pitch", "membership__conference"):
        target = tuple(getattr(report, column) for column in TARGET)
        if target in found:
            found[target].append(report)
    return [Reported(each[0].membership, each[0].subject, each) for each in found.values() if each]


def suggested_reason(member: Membership, subject: str) -> str:
    """The reason that most members gave who reported it, as a sentence for its author."""
    given = Report.objects.unsettled().filter(membership=member, subject=subject)
    reasons = Counter(report.get_reason_display() for report in given.exclude(reason=Report.Reason.OTHER))
    return f"{reasons.most_common(1)[0][0]}." if reasons else ""
