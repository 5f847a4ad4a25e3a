"""What the page shows on which a member reports another."""

from accounts.models import User
from confbox.kit.panels import Panel
from conferences.models import Membership
from voting.elections.moderation.forms import ReportForm
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import subjects_of

REPORT_PANEL = "voting/elections/moderation/report_panel"


def report_panel(viewer: User, person: Membership, form: ReportForm) -> Panel:
    waiting = Report.objects.filter(membership=person, reported_by=viewer, settled_at=None)
    sent = [report.subject for report in waiting]
    facts = {"person": person, "form": form, "has_sent": bool(sent)}
    if not (form.is_bound or set(subjects_of(person)) - set(sent)):
        return Panel(REPORT_PANEL, "sent" if sent else "nothing", facts)
    return Panel(REPORT_PANEL, "form", facts)
