from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.models import Vote

pytestmark = pytest.mark.django_db


def cast(voter, candidate):
    actions.cast_vote(user=voter.user, slug=voter.conference.slug, candidate_id=candidate.pk)


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
    with pytest.raises(Membership.DoesNotExist):
        cast(alice, other)
