"""Excluding a member from a vote: an organiser's explicit act, with a reason, in the audit log."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from accounts.audit_words import NAME
from confbox.kit.outcomes import Change
from conferences.actions import set_excluded
from conferences.consent.acts import refuse_alone
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.two_people import EXCLUSION
from voting.elections.emails import notify_excluded_member
from voting.elections.own_interest import refuse_own_readmission
from voting.elections.roll.actions import enter_readmitted
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, restore_vote_of, void_vote_of, void_votes_for


def exclude_member(*, membership: Membership, by: Actor, reason: str) -> Change:
    """Excludes a member from the vote: their vote becomes void, and so do votes for them.

    The member and the voters whose votes became void are notified. No change if they were already
    excluded.

    Raises:
        ValidationError: there is no reason, the count is final, or a second person has to confirm it.
    """
    with transaction.atomic():
        conference = _locked(membership)
        _check(conference, reason)
        if _is_excluded(membership):
            return Change.NONE
        _refuse_alone(membership, conference, by, readmits=False)
        excluded = set_excluded(membership=membership, excluded_at=conference.now, reason=reason.strip())
        if excluded is Change.NONE:
            return excluded
        _log("exclude", membership, by, reason, _("Excluded from the vote of %(conference)s: %(name)s."))
        void_vote_of(voter=membership, because=Why.VOTER_EXCLUDED)
        voided = void_votes_for(candidate=membership, because=Why.CANDIDATE_EXCLUDED)
        notify_voters_of_void_votes(voided)
        notify_excluded_member(membership=membership, reason=reason)
    return excluded


def readmit_member(*, membership: Membership, by: Actor, reason: str) -> Change:
    """Lets an excluded member vote and be voted for again. No change if they were not excluded.

    The vote that the exclusion made void counts again; votes for the member stay void.

    Raises:
        ValidationError: there is no reason, the count is final, it is the person's own membership, or a
            second person has to confirm it.
    """
    with transaction.atomic():
        conference = _locked(membership)
        _check(conference, reason)
        if not _is_excluded(membership):
            return Change.NONE
        refuse_own_readmission(membership, by)
        _refuse_alone(membership, conference, by, readmits=True)
        readmitted = set_excluded(membership=membership, excluded_at=None, reason="")
        if readmitted is Change.MADE:
            enter_readmitted(membership=membership, election=conference.election, by=by, reason=reason)
            restore_vote_of(voter=membership)
            _log("readmit", membership, by, reason, _("Can vote again at %(conference)s: %(name)s."))
    return readmitted


def _locked(membership: Membership) -> Conference:
    return lock_election(membership.conference_id).conference


def _is_excluded(membership: Membership) -> bool:
    return Membership.objects.filter(pk=membership.pk, excluded_at__isnull=False).exists()


def _refuse_alone(membership: Membership, conference: Conference, by: Actor, *, readmits: bool) -> None:
    refuse_alone(EXCLUSION, conference, {"member": membership.pk, "readmits": readmits}, by)


def _check(conference: Conference, reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The member can read it."), code="reason_missing")
    if conference.election.is_count_final():
        raise ValidationError(
            _("Voting is closed and the count is final, so no member can be excluded now."),
            code="count_final",
        )


def _log(act: str, membership: Membership, by: Actor, reason: str, what: str) -> None:
    """Logs it for the person, with the reason."""
    conference, reason = membership.conference, reason.strip()
    what %= {"conference": conference, "name": NAME}
    log_act(by=by, act=act, target=membership.user, what=what, about=membership, reason=reason, of=conference)
    log_in_django(by=by, rows=[conference.election], what=what, about=membership)
