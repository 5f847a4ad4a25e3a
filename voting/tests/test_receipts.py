import pytest

from accounts.actors import Actor
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.receipts.tracker import tracker_of

pytestmark = pytest.mark.django_db


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)
    return Vote.objects.get(voter=voter)


def test_a_vote_has_a_tracker_of_its_member_id(alice, bob):
    vote = cast(alice, bob)
    assert len(vote.nonce) == 32
    assert vote.tracker == tracker_of(conference_id=alice.conference_id, member_id=alice.pk, nonce=vote.nonce)


def test_a_moved_vote_gets_a_new_receipt(alice, bob, carol):
    first, moved = cast(alice, bob), cast(alice, carol)
    assert first.nonce != moved.nonce
    assert first.tracker != moved.tracker


def test_the_same_vote_again_keeps_its_receipt(alice, bob):
    first, again = cast(alice, bob), cast(alice, bob)
    assert (first.nonce, first.tracker) == (again.nonce, again.tracker)


def test_two_voters_with_one_nonce_have_two_trackers(conference):
    one, other = make_membership(conference), make_membership(conference)
    trackers = {tracker_of(conference_id=conference.pk, member_id=m.pk, nonce="0" * 32) for m in (one, other)}
    assert len(trackers) == 2
