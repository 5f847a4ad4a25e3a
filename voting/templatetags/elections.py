from collections.abc import Iterable

from django import template
from django.contrib.messages.storage.base import Message

from conferences.models import Conference, Membership
from voting.elections.election.models import VotingState
from voting.elections.eligibility import bar_of, refusal_now
from voting.elections.results import result_for
from voting.elections.voiding import freed_in_words, valid_vote

register = template.Library()
register.filter("bar_of", bar_of)
register.filter("valid_vote", valid_vote)
register.filter("freed_in_words", freed_in_words)


@register.simple_tag
def not_yet(conference: Conference) -> str:
    """When voting opens; empty unless that is what one waits for."""
    return refusal_now(conference) if conference.election.state() == VotingState.SCHEDULED else ""


@register.filter("result_for")
def result_of(conference: Conference, membership: Membership) -> str:
    """What the page of results has for this member, so that a link to it is no dead end."""
    return result_for(membership=membership, conference=conference)


@register.filter
def has_moved_vote(messages: Iterable[Message] | None) -> bool:
    """Whether one of the messages says that a vote was given before and is moved."""
    return any(message.extra_tags == "moved" for message in messages or ())
