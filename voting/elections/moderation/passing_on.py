"""A team passes on reports about an account to the organisers of the site, who answer. Each verb is whole.

Picture, profession and bio belong to the account: a team can only hide them in its own conference.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change
from conferences.models import Membership
from voting.elections.election.actions import lock_election
from voting.elections.moderation.models import Report
from voting.elections.moderation.passing_on_emails import ask_site_organisers
from voting.elections.moderation.reporting import (
    PROFILE,
    refuse_unread,
    reports_of_team,
    settle_reports,
    shown_of,
)
from voting.elections.own_interest import refuse_own_moderation

DISMISSED, REMOVED = Report.Outcome.DISMISSED, Report.Outcome.REMOVED


def pass_on_reports(*, membership: Membership, by: Actor) -> Change:
    """All that wait for the team about this profile. No change if none does.

    Raises:
        ValidationError: the reports are about the person, or the conference is a rehearsal.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_own_moderation(membership, by)
        if conference.is_rehearsal:
            raise ValidationError(_("Nothing is passed on from a rehearsal."), code="not_in_rehearsal")
        waiting = reports_of_team(membership, PROFILE)
        passed = Change.of(waiting.update(passed_on_at=database_now()))
        if passed is Change.MADE:
            # Without a name: the person may be in the team, and is not to learn of the reports.
            what = _("Reports passed on to the organisers of this site.")
            log_act(by=by, act="pass on reports", target=conference, what=what)
            ask_site_organisers(conference, but=[membership.user, by.person])
    return passed


def answer_passed_on(*, membership: Membership, outcome: str, note: str, by: Actor, seen: str = "") -> Change:
    """The profile is left as it is, or has been changed since. The note is for the team.

    No change if no report is waiting. `seen` is the version of what was read.

    Raises:
        ValidationError: there is no note, the reports are about the person, nothing has been changed since it
            was reported, or something has since it was read.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_own_moderation(membership, by)
        if not note.strip():
            raise ValidationError(
                {
                    "note": coded_error(
                        _("Please write a short note for the team of the conference."), code="required"
                    )
                }
            )
        waiting = Report.objects.passed_on().filter(membership=membership)
        if outcome == REMOVED and not all(_is_changed(report) for report in waiting):
            raise ValidationError(
                _("Nothing of it has been changed since it was reported."), code="unchanged_since"
            )
        if waiting.exists():
            refuse_unread(membership, PROFILE, seen)
        done = settle_reports(waiting, outcome=Report.Outcome(outcome), by=by, note=note.strip())
        if done is Change.MADE:
            left, changed = _("Reports dismissed."), _("Reports settled, as the profile has been changed.")
            act, what = ("settle reports", changed) if outcome == REMOVED else ("dismiss reports", left)
            log_act(by=by, act=act, target=conference, what=what)
    return done


def settle_after_removal(user: User, _parts: Collection[str], by: Actor) -> None:
    """All reports about this profile, in every conference, whether or not they were passed on."""
    waiting = Report.objects.filter(membership__user=user, subject=PROFILE, settled_at=None)
    settle_reports(waiting, outcome=REMOVED, by=by)


def _is_changed(report: Report) -> bool:
    return not report.is_unchanged(shown_of(report.membership, report.subject))
