import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from conferences import actions as conference_actions
from conferences.models import Conference, VotingState
from conferences.tests.factories import make_conference, make_membership
from voting import actions
from voting.models import Decision
from voting.tests.factories import make_vote


@pytest.fixture
def led_by_bob(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, bob)
    make_vote(bob, carol)
    conference_actions.close_voting(conference=conference)
    return conference


def decide(conference, candidate, by, reason=""):
    return actions.decide_speaker(conference=conference, candidate=candidate, by=by, reason=reason)


def test_the_pick_becomes_the_speaker(led_by_bob, bob, organiser):
    decide(led_by_bob, bob, organiser)
    assert Conference.objects.get().speaker == bob


def test_the_tally_is_kept_as_it_stood(led_by_bob, alice, bob, carol, organiser):
    record = decide(led_by_bob, bob, organiser).tally
    assert (record["votes"], record["members"]) == (3, 3)
    assert record["standings"] == [
        {"rank": 1, "member": bob.pk, "name": "Bob", "votes": 2},
        {"rank": 2, "member": carol.pk, "name": "Carol", "votes": 1},
    ]


def test_another_than_the_leader_needs_a_reason(led_by_bob, carol, organiser):
    with pytest.raises(ValidationError, match="Please give a reason"):
        decide(led_by_bob, carol, organiser)
    assert Decision.objects.count() == 0


def test_another_than_the_leader_with_a_reason_is_recorded(led_by_bob, carol, organiser):
    assert decide(led_by_bob, carol, organiser, "Bob cannot travel.").reason == "Bob cannot travel."


def test_one_of_two_tied_leaders_needs_a_reason(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    make_vote(bob, carol)
    with pytest.raises(ValidationError, match="Please give a reason"):
        decide(conference, bob, organiser)


def test_a_second_decision_is_refused(led_by_bob, bob, carol, organiser):
    decide(led_by_bob, bob, organiser)
    with pytest.raises(ValidationError, match="already been chosen"):
        decide(led_by_bob, carol, organiser, "Changed my mind.")


def test_the_database_refuses_two_standing_decisions(conference, alice, bob, organiser):
    columns = {"conference": conference, "decided_by": organiser, "tally": {}}
    Decision.objects.create(speaker=alice, **columns)
    with pytest.raises(IntegrityError):
        Decision.objects.create(speaker=bob, **columns)


def test_deciding_closes_voting_for_good(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    decide(conference, bob, organiser)
    with pytest.raises(ValidationError, match="The speaker has been chosen"):
        actions.cast_vote(user=carol.user, slug="open-conf", candidate_id=bob.pk)


def test_a_member_of_another_conference_cannot_be_chosen(conference, organiser):
    other = make_membership(make_conference())
    with pytest.raises(ValidationError, match="Only a current member"):
        decide(conference, other, organiser, "Best of all.")


def test_declining_frees_the_conference_but_not_the_count(led_by_bob, bob, carol, organiser):
    decision = decide(led_by_bob, bob, organiser)
    assert actions.answer_decision(decision=decision, accept=False) is True
    conference = Conference.objects.get()
    assert (conference.speaker, conference.voting_state()) == (None, VotingState.CLOSED)


def test_after_a_decline_the_organiser_decides_again(led_by_bob, bob, carol, organiser):
    actions.answer_decision(decision=decide(led_by_bob, bob, organiser), accept=False)
    decide(led_by_bob, carol, organiser, "Bob declined.")
    assert Conference.objects.get().speaker == carol
    assert Decision.objects.count() == 2


def test_an_answer_is_given_once(led_by_bob, bob, organiser):
    decision = decide(led_by_bob, bob, organiser)
    actions.answer_decision(decision=decision, accept=True)
    assert actions.answer_decision(decision=decision, accept=False) is False
    assert Conference.objects.get().speaker == bob


def test_only_the_chosen_member_may_answer(as_alice, led_by_bob, bob, organiser):
    decide(led_by_bob, bob, organiser)
    answer = as_alice.post("/conferences/open-conf/results/answer/", {"answer": "decline"})
    assert answer.status_code == 403
    assert Decision.objects.get().answer == "pending"
