"""Keeping voters linked to their choices for longer, while the organisers look into a dispute."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act
from confbox.kit.coded import coded, coded_error
from confbox.kit.outcomes import Change
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.receipts.models import PublishedBallots

LONGEST_DAYS = 30


def keep_linked(*, conference: Conference, until: datetime, reason: str, by: Actor) -> Change:
    """Keeps the link between voters and choices until then; members read why. The same again changes nothing.

    Raises:
        ValidationError: there is no reason, or not a new one; the time is too early or too late; or there is
            nothing to keep.
    """
    reason = reason.strip()
    with transaction.atomic():
        locked = lock_election(conference.pk).conference
        published = PublishedBallots.objects.defer("ballots").filter(election=locked.election).first()
        if refusal := why_not_to_keep(locked, published):
            raise coded_error(refusal, code="voters_unlinked")
        assert published
        published.election = locked.election
        if (published.hold_reason, published.held_until) == (reason, until):
            return Change.NONE
        if not reason or reason == published.hold_reason:
            raise ValidationError(
                _("Please give a new reason. Members read it on the page of the result."),
                code="reason_missing",
            )
        if refusal := refusal_of_end(locked, published, until):
            raise ValidationError(refusal, code="time_refused")
        held = PublishedBallots.objects.filter(pk=published.pk)
        held.update(held_until=until, hold_reason=reason)
        what = _("Votes stay linked to voters until %(time)s.") % {"time": in_zone(locked, until)}
        log_act(by=by, act="keep linked", target=locked, what=what, reason=reason)
    return Change.MADE


def why_not_to_keep(conference: Conference, published: PublishedBallots | None) -> str:
    """Why there is nothing to keep, in words; empty if there is."""
    if published is None:
        return coded(
            "ballots_not_published", _("The ballots are not published yet, so there is nothing to keep.")
        )
    if conference.rehearses_id:
        return coded("not_in_rehearsal", _("This is a rehearsal. All of it is kept until it ends."))
    if published.unlinked_at is None:
        return ""
    return coded(
        "voters_unlinked",
        _("The link between voters and choices was permanently removed on %(time)s.")
        % {"time": in_zone(conference, published.unlinked_at)},
    )


def refusal_of_end(conference: Conference, published: PublishedBallots, until: datetime) -> str:
    """Why they cannot be kept linked until then; empty if they can."""
    earliest = max(published.linked_until, conference.now)
    if until <= earliest:
        return _("Please choose a time after %(time)s.") % {"time": in_zone(conference, earliest)}
    latest = latest_end(conference, published)
    if until <= latest:
        return ""
    return ngettext(
        "Please choose a time until %(time)s: %(n)s day more at most.",
        "Please choose a time until %(time)s: %(n)s days more at most.",
        LONGEST_DAYS,
    ) % {"time": in_zone(conference, latest), "n": LONGEST_DAYS}


def latest_end(conference: Conference, published: PublishedBallots) -> datetime:
    """Until when they can be kept now. Who keeps them again waits until the days for disputes have passed."""
    latest = max(published.dispute_ends_at, conference.now) + timedelta(days=LONGEST_DAYS)
    # As it can be entered.
    return latest.replace(second=0, microsecond=0)
