"""Hiding a pitch, with a reason that its author reads, and showing it again. Each verb is whole.

A hidden pitch is shown to no one but its author and those who moderate, and no one can vote for its author.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_own_act
from accounts.audit_words import NAME
from confbox.kit.outcomes import Change
from conferences.consent.acts import refuse_alone
from conferences.models import Conference, Membership
from voting.elections.election.actions import lock_election
from voting.elections.election.two_people import HIDING
from voting.elections.models import Pitch
from voting.elections.moderation.covering import end_cover
from voting.elections.moderation.emails import (
    ask_team_to_show,
    notify_author_of_hidden_pitch,
    notify_author_of_kept_pitch,
    notify_author_of_shown_pitch,
    notify_of_hidden_profile,
    notify_of_shown_profile,
)
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import (
    PITCH,
    PROFILE,
    refuse_unread,
    reports_of_team,
    settle_reports,
)
from voting.elections.own_interest import refuse_hiding_of_rival, refuse_own_moderation
from voting.elections.tasks import notify_voters_of_void_votes
from voting.elections.voiding import Why, void_votes_for


def hide_pitch(*, membership: Membership, reason: str, by: Actor, seen: str = "") -> Change:
    """Hides the pitch, and tells its author why. No change if it was hidden already.

    Until voting closes, votes for the author become void as if they had left, and those voters are notified.
    A count that is final stays as it is. `seen` is the version of what was read.

    Raises:
        ValidationError: there is no reason or no pitch, it has been changed since it was read, the person is
            a candidate too, or a second person has to confirm it.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_without(reason)
        if _now(membership).is_pitch_hidden:
            return Change.NONE
        if (pitch := Pitch.objects.filter(membership=membership).first()) is None:
            raise ValidationError(
                _("This member has no pitch, so there is nothing to hide."), code="no_pitch"
            )
        refuse_hiding_of_rival(conference, by)
        refuse_unread(membership, PITCH, seen)
        refuse_alone(HIDING, conference, {"member": membership.pk, "text": pitch.whole_text}, by)
        _set(membership, pitch_hidden_at=conference.now, pitch_hidden_reason=reason.strip())
        end_cover(membership)
        _log("hide pitch", membership, by, _("Pitch hidden: %(name)s."), reason)
        _free_votes(membership, conference)
        _settle(membership, PITCH, by)
        notify_author_of_hidden_pitch(membership=membership, reason=reason.strip())
    return Change.MADE


def restore_pitch(*, membership: Membership, by: Actor, seen: str = "") -> Change:
    """Shows the pitch again; votes that became void stay void. No change if it was not hidden.

    Raises:
        ValidationError: it is the person's own pitch, or has been changed since it was read.
    """
    with transaction.atomic():
        lock_election(membership.conference_id)
        if not _now(membership).is_pitch_hidden:
            return Change.NONE
        refuse_own_moderation(membership, by)
        refuse_unread(membership, PITCH, seen)
        _set(membership, pitch_hidden_at=None, pitch_hidden_reason="")
        _log("show pitch again", membership, by, _("Pitch shown again: %(name)s."))
        notify_author_of_shown_pitch(membership=membership)
    return Change.MADE


def keep_pitch_hidden(*, membership: Membership, reason: str, by: Actor, seen: str = "") -> Change:
    """Answers the author, who asked for it to be shown again, with a reason. No change if they did not ask.

    Raises:
        ValidationError: there is no reason, it is the person's own pitch or has been changed since it was
            read, or the person is a candidate.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_without(reason)
        now = _now(membership)
        if not now.is_pitch_hidden or now.showing_asked_at is None:
            return Change.NONE
        refuse_own_moderation(membership, by)
        refuse_hiding_of_rival(conference, by)
        refuse_unread(membership, PITCH, seen)
        _set(membership, pitch_hidden_reason=reason.strip())
        _log("keep pitch hidden", membership, by, _("Pitch kept hidden: %(name)s."), reason)
        notify_author_of_kept_pitch(membership=membership, reason=reason.strip())
    return Change.MADE


def ask_to_show_pitch(*, membership: Membership, by: Actor) -> Change:
    """The author asks those who moderate to look again. No change if they have asked, or it is not hidden."""
    hidden = Membership.objects.filter(pk=membership.pk, pitch_hidden_at__isnull=False, showing_asked_at=None)
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        asked = Change.of(hidden.update(showing_asked_at=conference.now))
        if asked is Change.MADE:
            log_own_act(by=by, act="ask to show pitch", target=conference)
            ask_team_to_show(conference)
    return asked


def hide_profile(*, membership: Membership, reason: str, by: Actor, seen: str = "") -> Change:
    """Hides picture, profession and bio from the members of this conference. No change if they were hidden.

    The name stays. The account and other conferences of the person are none of this team's.

    Raises:
        ValidationError: there is no reason, the person is a candidate too, or it has been changed since it
            was read.
    """
    with transaction.atomic():
        conference = lock_election(membership.conference_id).conference
        refuse_without(reason)
        if _now(membership).profile_hidden_at:
            return Change.NONE
        refuse_hiding_of_rival(conference, by)
        refuse_unread(membership, PROFILE, seen)
        columns = {"profile_hidden_at": conference.now, "profile_hidden_reason": reason.strip()}
        Membership.objects.filter(pk=membership.pk).update(**columns)
        _log("hide profile", membership, by, _("Profile hidden: %(name)s."), reason)
        _settle(membership, PROFILE, by)
        notify_of_hidden_profile(membership=membership, reason=reason.strip())
    return Change.MADE


def restore_profile(*, membership: Membership, by: Actor, seen: str = "") -> Change:
    """No change if it was not hidden.

    Raises:
        ValidationError: it is the person's own profile, or has been changed since it was read.
    """
    with transaction.atomic():
        lock_election(membership.conference_id)
        if not _now(membership).profile_hidden_at:
            return Change.NONE
        refuse_own_moderation(membership, by)
        refuse_unread(membership, PROFILE, seen)
        hidden = Membership.objects.filter(pk=membership.pk)
        hidden.update(profile_hidden_at=None, profile_hidden_reason="")
        _log("show profile again", membership, by, _("Profile shown again: %(name)s."))
        notify_of_shown_profile(membership=membership)
    return Change.MADE


def refuse_without(reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The member gets it by email."), code="reason_missing")


def _now(membership: Membership) -> Membership:
    return Membership.objects.get(pk=membership.pk)


def _set(membership: Membership, **columns: object) -> None:
    """Answers the author's request, if there was one."""
    Membership.objects.filter(pk=membership.pk).update(showing_asked_at=None, **columns)


def _log(act: str, membership: Membership, by: Actor, what: str, reason: str = "") -> None:
    what %= {"name": NAME}
    log_act(
        by=by,
        act=act,
        target=membership,
        what=what,
        about=membership,
        reason=reason.strip(),
        is_personal=True,
    )


def _settle(membership: Membership, subject: Report.Subject, by: Actor) -> None:
    """Not those that wait for the organisers of the site: in other conferences, it is still shown."""
    settle_reports(reports_of_team(membership, subject), outcome=Report.Outcome.HIDDEN, by=by)


def _free_votes(membership: Membership, conference: Conference) -> None:
    if not conference.election.is_count_final():
        notify_voters_of_void_votes(void_votes_for(candidate=membership, because=Why.CANDIDATE_HIDDEN))
