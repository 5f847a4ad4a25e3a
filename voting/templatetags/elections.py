from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message

from conferences.models import Conference, Membership, VotingState
from voting.elections.eligibility import bar_of, conditions, is_too_late, moment_refusal, next_step
from voting.elections.results import result_for, was_tally_live
from voting.elections.voiding import freed_in_words, own_vote, valid_vote
from voting.elections.window import changes_of_window

register = template.Library()
register.filter("bar_of", bar_of)
register.filter("valid_vote", valid_vote)
register.filter("freed_in_words", freed_in_words)


@register.simple_tag(takes_context=True)
def voting_of(
    context: dict[str, Any], conference: Conference, membership: Membership | None
) -> dict[str, Any]:
    """What the person who looks at the conference has done in its vote and what they can do."""
    user, vote = context["request"].user, own_vote(membership)
    found = conditions(user=user, conference=conference, membership=membership) if user.pk else []
    return {
        "conditions": found,
        "can_vote": bool(found) and all(c.holds for c in found),
        "next_step": next_step(found=found, conference=conference),
        "result": _result_of(conference, membership),
        "window_changes": changes_of_window(conference),
        "is_speaker": membership is not None and conference.speaker_id == membership.pk,
        "is_too_late": conference.is_voting_open() and is_too_late(conference, membership),
        "vote": valid_vote(vote),
        "freed": freed_in_words(vote),
        "was_tally_live": was_tally_live(conference),
    }


def _result_of(conference: Conference, membership: Membership | None) -> str:
    """What the page of results has for this member; empty before the close and once the speaker is known."""
    is_closed = conference.voting_state() == VotingState.CLOSED
    return result_for(membership=membership, conference=conference) if membership and is_closed else ""


@register.simple_tag
def not_yet(conference: Conference) -> str:
    """When voting opens; empty unless that is what one waits for."""
    return moment_refusal(conference) if conference.voting_state() == VotingState.SCHEDULED else ""


@register.filter("result_for")
def result_of(conference: Conference, membership: Membership) -> str:
    """What the page of results has for this member, so that a link to it is no dead end."""
    return result_for(membership=membership, conference=conference)


@register.simple_tag(takes_context=True)
def standings_in(context: dict[str, Any], conferences: Iterable[Conference]) -> dict[int, str]:
    """How the person who looks stands in those of the conferences that they joined."""
    user = context["request"].user
    if not user.is_authenticated:
        return {}
    mine = Membership.objects.current().filter(user=user, conference__in=[c.pk for c in conferences])
    return {m.conference_id: _standing_of(m) for m in mine.select_related("conference", "vote")}


def _standing_of(membership: Membership) -> str:
    if not membership.conference.is_voting_open():
        return "member"
    if valid_vote(getattr(membership, "vote", None)):
        return "voted"
    return "member" if bar_of(membership) else "waiting"


@register.filter
def standing_in(standings: dict[int, str], conference: Conference) -> str:
    return standings.get(conference.pk, "")


@register.filter
def tell_of_a_move(messages: Iterable[Message] | None) -> bool:
    """Whether one of the messages says that a vote was given before and is moved."""
    return any(message.extra_tags == "moved" for message in messages or ())
