"""Members report what another one shows, and the team settles it. Each verb is whole.

None of it says who reported. What is done to a pitch or profile settles every report about it.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from confbox.kit.clock import database_now
from confbox.kit.coded import coded, coded_error
from confbox.kit.outcomes import Change
from confbox.kit.seen import refuse_outdated, version_of
from conferences.models import ConsentRequest, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.two_people import HIDING, OF_MEMBER
from voting.elections.moderation.covering import pitch_of, shown_pitch
from voting.elections.moderation.models import Report, ReportQuerySet
from voting.elections.moderation.report_emails import notify_reporter
from voting.elections.own_interest import refuse_own_moderation

PITCH, PROFILE = Report.Subject.PITCH, Report.Subject.PROFILE


def report_member(*, membership: Membership, subject: str, reason: str, text: str, by: Actor) -> Change:
    """A member reports a pitch or profile of another. No change if their report of it is waiting.

    Nothing is logged: who is reported may be one of those who read the audit log.

    Raises:
        ValidationError: nothing of it is shown, it is the person's own, they are no member, or the
            organisers have left it as it is and it has not been changed.
    """
    with transaction.atomic():
        lock_election(membership.conference_id)
        found = Membership.objects.select_related("user", "pitch").get(pk=membership.pk)
        mine = Report.objects.filter(membership=found, subject=subject, reported_by=by.user)
        if mine.filter(settled_at=None).exists():
            return Change.NONE
        if refusal := why_not_to_report(found, subject, by):
            raise coded_error(refusal, code="nothing_shown")
        if reason == Report.Reason.OTHER and not text.strip():
            raise ValidationError({"text": coded_error(_("Please say what is wrong."), code="required")})
        now_shown, last = shown_of(found, subject), mine.order_by("pk").last()
        if last and last.outcome == Report.Outcome.DISMISSED and last.is_unchanged(now_shown):
            raise ValidationError(
                _(
                    "The organisers have looked at this and left it as it is. You can report it if it "
                    "changes."
                ),
                code="unchanged_since",
            )
        about = {"membership": found, "subject": subject, "reason": reason, "text": text.strip()}
        about |= {"passed_on_at": _passed_on_at(found, subject)}
        Report.objects.create(**about, **now_shown, reported_by=by.user, reported_at=database_now())
    return Change.MADE


def dismiss_reports(*, membership: Membership, subject: str, note: str, by: Actor, seen: str = "") -> Change:
    """The team leaves it as it is. The note is for the team. No change if no report is waiting.

    `seen` is the version of what was read.

    Raises:
        ValidationError: there is no note, the reports are about the person, or it has been changed.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_own_moderation(membership, by)
        if not note.strip():
            raise ValidationError(
                {"note": coded_error(_("Please write a short note for your team."), code="required")}
            )
        waiting = reports_of_team(membership, subject)
        if waiting.exists():
            refuse_unread(membership, subject, seen)
        done = settle_reports(waiting, outcome=Report.Outcome.DISMISSED, by=by, note=note.strip())
        if done is Change.MADE:
            # Without a name: the person may be in the team, and is not to learn of the reports.
            log_act(by=by, act="dismiss reports", target=conference, what=_("Reports dismissed."))
    return done


def reports_of_team(membership: Membership, subject: str) -> QuerySet[Report]:
    """All that wait for the team about this pitch or profile."""
    return Report.objects.filter(membership=membership, subject=subject, settled_at=None, passed_on_at=None)


def without_request(reports: ReportQuerySet) -> ReportQuerySet:
    """None about a pitch whose hiding waits for a second person."""
    waiting = ConsentRequest.objects.waiting().filter(act=HIDING)
    # As a number, because MariaDB does not compare texts of two collations.
    member = Cast(Substr("subject", len(OF_MEMBER) + 1), BigIntegerField())
    asked = waiting.annotate(member=member).filter(member=OuterRef("membership"))
    return reports.exclude(Exists(asked), subject=PITCH)


def settle_reports(  # a part of the verbs that hide or remove what was reported
    waiting: QuerySet[Report], *, outcome: Report.Outcome, by: Actor, note: str = ""
) -> Change:
    """Those who reported it get an email."""
    # Of two that settle them at once, the second finds none: it waits here.
    found = Report.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)), settled_at=None)
    ids = list(found.select_for_update().order_by("pk").values_list("pk", flat=True))
    columns = {"outcome": outcome, "settled_by": by.person, "settled_at": database_now(), "note": note}
    Report.objects.filter(pk__in=ids).update(**columns)
    reports = Report.objects.filter(pk__in=ids)
    for report in reports.select_related("reported_by", "membership__user", "membership__conference"):
        notify_reporter(report, outcome)
    return Change.of(len(ids))


def _passed_on_at(membership: Membership, subject: str) -> datetime | None:
    """A report joins those that wait about the same, so that one place answers all of them."""
    waiting = Report.objects.passed_on().filter(membership=membership, subject=subject)
    return waiting.values_list("passed_on_at", flat=True).first()


def why_not_to_report(membership: Membership, subject: str, by: Actor) -> str:
    """Empty if it can be reported."""
    if membership.user_id == by.user.pk:
        return coded("about_yourself", _("You cannot report yourself."))
    members = Membership.objects.current().filter(conference=membership.conference_id, user=by.user)
    if not members.exists():
        return coded("members_only", _("Only members of this conference can report what other members show."))
    if subject not in subjects_of(membership):
        return coded("nothing_shown", _("The other members do not see this, so there is nothing to report."))
    return ""


def subjects_of(membership: Membership) -> list[Report.Subject]:
    """What other members see of this one, and so can report."""
    found = [PITCH] if shown_pitch(membership) else []
    return found if membership.profile_hidden_at else [*found, PROFILE]


def shown_of(membership: Membership, subject: str) -> dict[str, Any]:
    """What is to be reported, as it is now, by the columns of a report."""
    if subject == PITCH:
        pitch = pitch_of(membership)
        return {"shown_text": pitch.whole_text if pitch else "", "shown_picture": ""}
    person = membership.user
    text = f"{person.name}\n{person.shown_profession}\n\n{person.shown_bio}".strip()
    return {"shown_text": text, "shown_picture": person.picture.name or ""}


def version_shown(membership: Membership, subject: str) -> str:
    """Of what an organiser reads before deciding about it, however it is loaded."""
    return version_of(shown_of(membership, subject))


def refuse_unread(membership: Membership, subject: str, seen: str) -> None:
    """Raises Outdated if it has been changed since then. The election is locked, so that no pitch changes."""
    now = Membership.objects.select_related("user", "pitch").get(pk=membership.pk)
    said = _(
        "%(name)s has changed this since you opened this page, so nothing was done. Please read it again."
    )
    refuse_outdated(seen, version_shown(now, subject), said % {"name": now})
