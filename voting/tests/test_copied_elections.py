"""What a copy of a conference takes over of its vote."""

import pytest

from conferences.tests.copying import copied
from conferences.tests.factories import make_conference, make_membership
from voting.elections.election.copying import ELECTION
from voting.elections.election.models import Election, VotingState
from voting.elections.models import Decision, Vote
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch, make_vote

pytestmark = pytest.mark.django_db
CHOICES = {
    "results_visibility": "live",
    "organisers_see_tally": "live",
    "publishes_participants": True,
    "who_votes": "roster",
    "late_joiners": "may_not_vote",
    "ties": "tied_only",
    "window_needs_consent": True,
    "campaigns_per_candidate": 7,
    "campaign_gap_hours": 5,
    "reminder_limit": 4,
}


def test_copy_takes_over_every_rule_and_limit():
    source = make_conference(voting="closed", **CHOICES)
    copy, _outcome = copied(source)
    assert ELECTION.values_of(copy.election) == CHOICES
    assert copy.election.rules_set_at is not None


def test_choices_of_this_test_are_not_the_defaults():
    assert not [name for name, value in CHOICES.items() if value == Election._meta.get_field(name).default]


def test_rules_that_were_not_set_are_to_be_set_in_the_copy():
    source = make_conference(voting="closed", rules_set_at=None)
    copy, _outcome = copied(source)
    assert copy.election.state() == VotingState.UNSCHEDULED


def test_copy_of_a_decided_conference_starts_without_votes_and_speaker(organiser):
    source = make_conference(voting="open")
    alice, bob = (make_membership(source) for _ in range(2))
    make_pitch(bob)
    make_vote(alice, bob)
    make_campaign(alice)
    close_and_decide(conference=source, candidate=bob, by=organiser)
    copy, _outcome = copied(source)
    left = [name for name in ELECTION.left if name != "updated_at"]
    blank = Election()
    assert [getattr(copy.election, n) for n in left] == [getattr(blank, n) for n in left]
    assert copy.election.state() == VotingState.SCHEDULED
    assert not Vote.objects.filter(election=copy.pk).exists()
    assert not Decision.objects.filter(election=copy.pk).exists()
    assert not copy.campaigns.exists()
