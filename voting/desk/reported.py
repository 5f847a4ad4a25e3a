"""What members have reported in a conference, for the pages of its team: never who reported it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce

from accounts.permissions import Viewer
from confbox.kit.clock import EARLIEST, LATEST
from confbox.kit.panels import Panel
from conferences.models import Conference, Membership
from voting.elections.models import Pitch
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import shown_of, version_shown

Target = tuple[Any, ...]
TARGET = ("membership_id", "subject", "passed_on_at", "settled_at")
TARGET_ORDER = ("-settled", "passed_on", "first", "first_id")
PANEL = "admin/voting/moderation/reported_panel"


@dataclass(frozen=True)
class Reported:
    """The reports about one pitch or profile that are in the same state, the oldest first."""

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
    def id(self) -> str:
        """Of the element that shows them on the page of a member."""
        return f"{self.subject}-{self.first.pk}" if self.first.passed_on_at else self.subject

    @property
    def is_removed(self) -> bool:
        return self.first.outcome == Report.Outcome.REMOVED

    @property
    def panel(self) -> Panel:
        """What the team can do with them, or what has become of them once they were passed on."""
        if self.first.passed_on_at is None:
            return Panel(PANEL, "waiting", {"reported": self})
        return Panel(PANEL, "answered" if self.first.settled_at else "passed_on", {"reported": self})

    @property
    def seen(self) -> str:
        """The version of what is shown of it."""
        return version_shown(self.member, self.subject)

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
    """Those that wait for this person of the team or were passed on, none about themselves."""
    return Report.objects.for_team().managed_by(viewer).filter(membership__conference=conference)


def targets_of(reports: QuerySet[Report]) -> QuerySet[Any, Target]:
    """What they are about: first what waits for the team, then for the site, and what was reported first."""
    found: Any = ranked_targets(reports)
    return found.order_by(*TARGET_ORDER).values_list(*TARGET)  # type: ignore[no-any-return]


def ranked_targets(reports: QuerySet[Report]) -> QuerySet[Any, Any]:
    """Each with what `TARGET_ORDER` needs: columns that are never null."""
    rank: Any = {
        "settled": Coalesce("settled_at", LATEST),
        "passed_on": Coalesce("passed_on_at", EARLIEST),
        "first": Min("reported_at"),
        "first_id": Min("pk"),
    }
    found: QuerySet[Any, Any] = reports.order_by().values(*TARGET).annotate(**rank)
    return found


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
