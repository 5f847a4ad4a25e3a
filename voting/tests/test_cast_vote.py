from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.receipts.tracker import tracker_of
from voting.elections.statements import Cast

pytestmark = pytest.mark.django_db


def cast(voter, candidate):
    return actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)


def choices():
    return dict(Vote.objects.values_list("voter", "candidate"))


def test_first_vote_is_stored(alice, bob):
    cast(alice, bob)
    assert choices() == {alice.pk: bob.pk}


def test_second_vote_replaces_the_first(alice, bob, carol):
    cast(alice, bob)
    cast(alice, carol)
    assert choices() == {alice.pk: carol.pk}


def test_same_vote_again_changes_nothing(alice, bob):
    cast(alice, bob)
    first = Vote.objects.get()
    cast(alice, bob)
    again = Vote.objects.get()
    assert (again.candidate_id, again.cast_at) == (first.candidate_id, first.cast_at)


def test_moved_vote_has_a_new_time(alice, bob, carol):
    cast(alice, bob)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Vote.objects.update(cast_at=an_hour_ago)
    cast(alice, carol)
    assert Vote.objects.get().cast_at > an_hour_ago


def test_it_says_what_became_of_the_vote(alice, bob, carol):
    assert cast(alice, bob) is Cast.FIRST
    assert cast(alice, bob) is Cast.UNCHANGED
    assert cast(alice, carol) is Cast.MOVED
    # Nothing of the statement before is left on the connection.
    assert cast(bob, carol) is Cast.FIRST


@pytest.mark.parametrize("again", ["bob", "carol"])
def test_vote_in_place_of_a_void_one_is_a_first_one(alice, bob, carol, again):
    cast(alice, bob)
    Vote.objects.update(voided_at=timezone.now(), voided_because=Vote.Voided.CANDIDATE_OPTED_OUT)
    assert cast(alice, {"bob": bob, "carol": carol}[again]) is Cast.FIRST
    assert Vote.objects.get().voided_at is None


def test_tracker_of_a_moved_vote_is_that_of_its_nonce(alice, bob, carol):
    for candidate in (bob, carol):
        cast(alice, candidate)
        vote = Vote.objects.get()
        named = {"conference_id": alice.conference_id, "member_id": alice.pk}
        assert vote.tracker == tracker_of(nonce=vote.nonce, **named)


def refused(voter, candidate):
    with pytest.raises(ValidationError) as refusal:
        cast(voter, candidate)
    return refusal.value.message


def test_vote_for_oneself_is_refused(alice):
    assert refused(alice, alice) == "You cannot vote for yourself."
    assert choices() == {}


def test_vote_before_opening_is_refused():
    conference = make_conference(voting="scheduled")
    voter, candidate = make_membership(conference), make_membership(conference)
    assert refused(voter, candidate).startswith("Voting has not opened yet. It opens on ")


def test_vote_after_the_close_is_refused():
    conference = make_conference(voting="closed")
    voter, candidate = make_membership(conference), make_membership(conference)
    assert refused(voter, candidate).startswith("Voting closed on ")


def test_vote_without_a_window_is_refused():
    conference = make_conference()
    voter, candidate = make_membership(conference), make_membership(conference)
    assert refused(voter, candidate) == "The organisers have not scheduled voting yet."


def test_member_of_another_conference_is_no_candidate(alice):
    other = make_membership(make_conference(voting="open"))
    assert refused(alice, other) == "There is no such member to vote for. Please choose another member."
