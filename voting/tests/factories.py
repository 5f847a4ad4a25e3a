from accounts.actors import Actor
from confbox.kit.clock import database_now
from voting.elections import actions
from voting.elections.answers import answer_decision
from voting.elections.models import Pitch, Vote


def make_pitch(membership, headline="A talk worth hearing", statement="Because."):
    return Pitch.objects.create(membership=membership, headline=headline, statement=statement)


def make_vote(voter, candidate):
    """A stored vote, whatever the rules say now."""
    return Vote.objects.create(voter=voter, election=voter.conference.election, candidate=candidate)


def close_by_clock(conference):
    """Voting has closed on schedule, and the count has not been requested yet."""
    conference.election.closes_at = database_now()
    conference.election.save(update_fields=["closes_at"])


def close_and_decide(*, conference, candidate, by, reason=""):
    """The decision after voting, which is closed first if it is still open."""
    actions.close_voting(conference=conference)
    return actions.decide_speaker(conference=conference, candidate=candidate, by=Actor(by), reason=reason)


def decide_and_accept(*, conference, candidate, by):
    """The decision for a speaker who has accepted."""
    decision = close_and_decide(conference=conference, candidate=candidate, by=by, reason="Clear.")
    answer_decision(decision=decision, accept=True, by=Actor(candidate.user))
    return decision
