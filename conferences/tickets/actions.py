"""A ticket is a roster entry; its owner finds it with an email address that they have confirmed."""

from django.db import transaction

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from accounts.linked_addresses import link_address
from confbox.kit.outcomes import Outcome
from conferences.actions import join_conference
from conferences.matching import claim_entry, free_entry, ticket_of
from conferences.models import Conference, Membership, RosterEntry


class Claim(Outcome):
    JOINED = "joined"
    CLAIMED = "claimed"
    HAD_ONE = "had one"
    NOT_FOUND = "not found"


def claim_ticket(*, conference: Conference, by: Actor, email: str = "") -> Claim:
    """Gives this person the free entry of a confirmed address, preferably this one, and makes them a member.

    Raises:
        ValidationError: they may not join.
    """
    if ticket_of(user=by.user, conference=conference):
        return Claim.HAD_ONE
    entry = free_entry(user=by.user, conference=conference, email=email)
    if entry is None:
        return Claim.NOT_FOUND
    try:
        return _claim(conference, by, entry)
    except _TakenMeanwhileError:
        return Claim.NOT_FOUND


class _TakenMeanwhileError(Exception):
    """Another person has the entry. Raised in the transaction, so that no one joins without it."""


def _claim(conference: Conference, by: Actor, entry: RosterEntry) -> Claim:
    with transaction.atomic():
        current = Membership.objects.current().filter(conference=conference, user=by.user)
        member = current.select_related("conference", "user").first()
        if member is None:
            member = join_conference(conference=conference, by=by, entry=entry)
            did = Claim.JOINED
        else:
            claim_entry(membership=member, entry=entry)
            log_own_act(by=by, act="claim ticket", target=conference)
            did = Claim.CLAIMED
        if not RosterEntry.objects.present().filter(membership=member).exists():
            raise _TakenMeanwhileError
    return did


def confirm_ticket(*, conference: Conference, by: Actor, email: str) -> Claim:
    """Links the address for which this person has typed the code, and claims what is under it.

    Raises:
        ValidationError: they may not join; the address is linked all the same.
    """
    link_address(email=email, by=by)
    return claim_ticket(conference=conference, by=by, email=email)
