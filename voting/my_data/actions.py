from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.erasure import NAMELESS, check_may_delete, erase_user, forget_in_records
from accounts.models import User
from confbox.kit.clock import database_now
from conferences import actions as conference_actions
from conferences.models import Conference, Membership, VotingState
from voting.campaigns.models import Campaign, Delivery, UndeliverableAddress, Unsubscription
from voting.elections import actions
from voting.elections.emails import tell_of_departure
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.receipts.actions import forget_names, publish_closed_ballots
from voting.elections.results import was_tally_live
from voting.elections.tasks import tell_freed_voters
from voting.elections.voiding import Freed
from voting.my_data.mails import tell_deleted


@dataclass(frozen=True)
class Consequences:
    """What the deletion of an account would do, for the person to read before."""

    left: list[Membership]
    given_up: list[Decision]
    open_votes: int
    live_votes: int
    counted_votes: int
    frees_votes: bool
    campaigns: int


def consequences_of_deletion(*, user: User) -> Consequences:
    current = list(Membership.objects.current().filter(user=user).select_related("conference"))
    votes = list(Vote.objects.valid().filter(voter__user=user).select_related("conference"))
    still_open = [vote for vote in votes if _is_count_open(vote.conference)]
    return Consequences(
        left=current,
        given_up=_given_up(user),
        open_votes=len(still_open),
        live_votes=sum(was_tally_live(vote.conference) for vote in still_open),
        counted_votes=len(votes) - len(still_open),
        frees_votes=any(membership.conference.voting_state() == VotingState.OPEN for membership in current),
        campaigns=_open_campaigns(user).count(),
    )


def _given_up(user: User) -> list[Decision]:
    """The decisions that this person would no longer accept, or step down from; the past stays."""
    standing = Decision.objects.standing().filter(speaker__user=user).select_related("conference")
    return [decision for decision in standing if not decision.conference.is_over()]


def _is_count_open(conference: Conference) -> bool:
    return conference.voting_state() not in (VotingState.CLOSED, VotingState.DECIDED)


def delete_account(*, user: User) -> None:
    """Leaves every conference, takes back open votes and removes what tells who this was.

    Votes in elections that are closed stay as counted, of nobody. Voters whose vote is freed are told,
    and so is who decided that this person speaks.

    Raises:
        ValidationError: the person is an organiser.
    """
    check_may_delete(user)
    with transaction.atomic():
        # What is closed and not yet counted is counted first, with the person's vote.
        publish_closed_ballots(member=user)
        memberships = list(Membership.objects.filter(user=user).select_related("conference", "user"))
        freed = [_leave(membership) for membership in memberships]
        for theirs in (
            Membership.objects.filter(user=user),
            Pitch.objects.filter(membership__user=user),
            Campaign.objects.filter(candidate__user=user),
            Decision.objects.filter(speaker__user=user),
        ):
            forget_in_records(theirs)
        Pitch.objects.filter(membership__user=user).delete()
        conference_actions.forget_exclusion_reasons(user=user)
        _end_campaigns(user)
        _forget_names(memberships)
        UndeliverableAddress.objects.filter(address=user.email).delete()
        Unsubscription.objects.filter(user=user).delete()
        tell_deleted(user=user)
        erase_user(user=user)
    for votes in freed:
        tell_freed_voters(votes)


def _leave(membership: Membership) -> Freed | None:
    """A speaker of a conference that is over stays its speaker, without a name."""
    if membership.conference.is_over():
        conference_actions.end_membership(membership=membership, now=database_now())
        return None
    departure = actions.leave_conference(membership=membership)
    tell_of_departure(departure=departure)
    return departure.freed


def _open_campaigns(user: User) -> models.QuerySet[Campaign]:
    return Campaign.objects.filter(candidate__user=user, status__in=Campaign.OPEN)


def _end_campaigns(user: User) -> None:
    """Nothing more is sent for the person, and what they wrote goes; that it was sent stays."""
    now, status = timezone.now(), Campaign.Status
    waiting = _open_campaigns(user).filter(status__in=[status.REQUESTED, status.APPROVED])
    waiting.update(status=status.WITHDRAWN, finished_at=now)
    _open_campaigns(user).update(status=status.STOPPED, finished_at=now)
    Campaign.objects.filter(candidate__user=user).update(
        subject=NAMELESS, message="", subject_before_edit="", message_before_edit="", reason="", trouble=""
    )
    Delivery.objects.filter(recipient__user=user).update(error="")


def _forget_names(memberships: list[Membership]) -> None:
    """Records keep their numbers and lose this person's name, found by ID: a text of others is theirs."""
    numbers = {membership.pk for membership in memberships}
    conferences = [membership.conference_id for membership in memberships]
    Decision.objects.filter(speaker__in=numbers).update(speaker_name=NAMELESS)
    for decision in Decision.objects.filter(conference__in=conferences):
        for standing in decision.tally.get("standings", []):
            if standing.get("member") in numbers:
                standing["name"] = NAMELESS
        decision.save(update_fields=["tally"])
    for mail in Campaign.objects.filter(conference__in=conferences).exclude(pitches=[]):
        mail.pitches = [_nameless(pitch) if pitch["member"] in numbers else pitch for pitch in mail.pitches]
        mail.save(update_fields=["pitches"])
    forget_names(members=memberships)


def _nameless(pitch: dict[str, Any]) -> dict[str, Any]:
    return {"member": pitch["member"], "name": NAMELESS, "profession": "", "headline": "", "statement": ""}
