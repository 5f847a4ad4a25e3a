"""What those who reported something are told: that it was settled, and nothing of what its author was."""

from django.utils.translation import gettext_lazy as _

from voting.elections.moderation.emails import send_to
from voting.elections.moderation.models import Report


def notify_reporter(report: Report, outcome: Report.Outcome) -> None:
    """Nothing to those who have switched off notices, or have deleted the account."""
    person, conference = report.reported_by, report.membership.conference
    if person is None or not person.receives_notices:
        return
    is_left = outcome == Report.Outcome.DISMISSED
    send_to(
        person,
        conference,
        "report_dismissed" if is_left else "report_acted_on",
        _("Your report at %(conference)s"),
        path=conference.get_absolute_url(),
        is_secret=True,
        member=report.membership,
        is_pitch=report.subject == Report.Subject.PITCH,
    )
