"""Why no speaker can be chosen now, or why not this one."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from confbox.kit.coded import coded, coded_error
from confbox.kit.seen import version_of
from conferences.models import Conference, Membership
from voting.elections.election.models import VotingState
from voting.elections.models import Decision, Pitch
from voting.elections.own_interest import refuse_own_choice
from voting.elections.tally import TallyResult
from voting.elections.ties import refuse_outside_tie


def why_not_to_decide_now(conference: Conference) -> str:
    """Empty if a speaker can be chosen."""
    if conference.is_cancelled:
        return coded("conference_cancelled", _("This conference is cancelled, so it has no speaker."))
    state, closes = conference.election.state(), conference.election.closes_at
    if state == VotingState.OPEN:
        return coded("voting_not_over", _("Voting is open. You can choose the speaker once it has closed."))
    if state != VotingState.CLOSED and closes and conference.now < closes:
        return coded(
            "voting_not_over",
            _("Voting has not opened yet. Decide after it has closed, or remove its times first."),
        )
    return ""


def refuse_to_decide_now(conference: Conference) -> None:
    if refusal := why_not_to_decide_now(conference):
        raise coded_error(refusal, code="voting_not_over")


def refuse_cancelled(conference: Conference) -> None:
    if conference.is_cancelled:
        raise ValidationError(
            _("This conference is cancelled, so it has no speaker."), code="conference_cancelled"
        )


def version_of_choice(candidate: Membership) -> str:
    """Of what is read before choosing this candidate: also who has declined, or stepped down, by now.

    The count is final by then.
    """
    answers = Decision.objects.filter(election=candidate.conference_id).values_list("pk", "answer")
    return version_of(list(answers), str(candidate), Pitch.text_of(candidate.pk))


def refuse_to_revoke(decision: Decision, conference: Conference, reason: str) -> None:
    refuse_cancelled(conference)
    if decision.answer != Decision.Answer.ACCEPTED:
        said = _("%(name)s is no longer the speaker, so nothing was changed.")
        raise ValidationError(said % {"name": decision.speaker_name}, code="not_the_speaker")
    if conference.is_over():
        raise ValidationError(
            _("This conference is over, so its speaker stays as announced."), code="conference_over"
        )
    if not reason.strip():
        raise ValidationError(_("Please give a reason. The member gets it by email."), code="reason_missing")


def refuse_choice(
    by: Actor, speaker: Membership, tally: TallyResult, *, conference: Conference, reason: str
) -> None:
    refuse_own_choice(by, candidate=speaker, tally=tally)
    if not reason.strip() and not tally.is_sole_leader(speaker.pk):
        raise ValidationError(
            _("Please give a reason: this member is not the sole leader."), code="reason_missing"
        )
    refuse_outside_tie(conference=conference, tally=tally, candidate=speaker)
