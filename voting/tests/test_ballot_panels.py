"""The panels of the ballot and of a member's page in each of their states."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Conference, Membership
from conferences.tests.factories import make_membership, update_elections
from voting.elections import actions
from voting.elections.models import Pitch
from voting.elections.panels.ballot import CANDIDATES, MY_VOTE, VOTE_BUTTON, vote_button
from voting.elections.panels.member import PITCH_PANEL, VOTE_DOCK
from voting.elections.participation import participation_of
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

BALLOT = "/conferences/open-conf/ballot/"


def nothing(alice, bob, organiser):
    pass


def vote_is_cast(alice, bob, organiser):
    make_vote(alice, bob)


def voter_is_excluded(alice, bob, organiser):
    Membership.objects.filter(pk=alice.pk).update(excluded_at=timezone.now(), exclusion_reason="A fake")


def speaker_accepted(alice, bob, organiser):
    make_vote(alice, bob)
    decision = close_and_decide(conference=alice.conference, candidate=bob, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(bob.user))


def voting_closed(alice, bob, organiser):
    close_by_clock(alice.conference)


def voting_is_scheduled(alice, bob, organiser):
    now = timezone.now()
    update_elections(alice.conference, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))


def voting_is_not_scheduled(alice, bob, organiser):
    update_elections(alice.conference, opens_at=None, closes_at=None)


def conference_is_inactive(alice, bob, organiser):
    Conference.objects.update(status="inactive")


def conference_is_cancelled(alice, bob, organiser):
    Conference.objects.update(status="cancelled", stopped_at=timezone.now(), stop_reason="A storm.")


def bob_has_a_pitch(alice, bob, organiser):
    make_pitch(bob)


MY_VOTES = [
    ("can_vote", "Your vote is waiting", nothing),
    ("voted", "Your vote is in", vote_is_cast),
    ("cannot_vote", "Why can’t I vote?", voter_is_excluded),
    ("decided", "Voting is over: the speaker has been chosen", speaker_accepted),
    ("closed", "Voting is closed", voting_closed),
    ("scheduled", "Voting has not opened yet", voting_is_scheduled),
    ("unscheduled", "Voting is not scheduled yet", voting_is_not_scheduled),
    ("inactive", "There is no vote at the moment", conference_is_inactive),
    ("cancelled", "There is no vote", conference_is_cancelled),
]


@pytest.mark.parametrize(("state", "heading", "arrange"), MY_VOTES)
def test_my_vote_on_the_ballot(as_alice, alice, bob, organiser, state, heading, arrange):
    arrange(alice, bob, organiser)
    answer = as_alice.get(BALLOT)
    assert answer.context["my_vote"].state == state
    assert parse(answer).texts("#ballot .slip h2") == [heading]


def alice_has_a_pitch(alice, bob, organiser):
    make_pitch(alice)


def alice_opted_out(alice, bob, organiser):
    make_pitch(alice)
    Membership.objects.filter(pk=alice.pk).update(accepts_votes=False)


def bobs_pitch_is_hidden(alice, bob, organiser):
    make_pitch(bob)
    Membership.objects.filter(pk=bob.pk).update(pitch_hidden_at=timezone.now())


def own_pitch_is_hidden(alice, bob, organiser):
    bobs_pitch_is_hidden(bob, alice, organiser)


def bobs_pitch_is_covered(alice, bob, organiser):
    make_pitch(bob)
    Pitch.objects.filter(pk=bob.pk).update(covered_until=timezone.now() + timedelta(hours=1))


def own_pitch_is_covered(alice, bob, organiser):
    bobs_pitch_is_covered(bob, alice, organiser)


CANDIDATE_LISTS = [
    ("found", "", bob_has_a_pitch),
    ("found", "?q=Bob", nothing),
    ("no_pitches", "", nothing),
    ("none_found", "?q=unknown", nothing),
    ("only_mine", "", alice_has_a_pitch),
    ("only_mine", "", own_pitch_is_covered),
    ("mine_is_not_shown", "", own_pitch_is_hidden),
    ("mine_is_not_shown", "", alice_opted_out),
]


@pytest.mark.parametrize(
    ("arrange", "note"),
    [(own_pitch_is_hidden, "#hidden-pitch"), (own_pitch_is_covered, "#covered-pitch")],
)
def test_the_author_of_a_pitch_that_is_kept_back_reads_who_sees_it(as_alice, alice, bob, arrange, note):
    arrange(alice, bob, None)
    said = parse(as_alice.get("/conferences/open-conf/pitch/")).part(note).text
    assert "only you and those who moderate see it" in said.lower()


@pytest.mark.parametrize(("state", "query", "arrange"), CANDIDATE_LISTS)
def test_candidates_on_the_ballot(as_alice, alice, bob, organiser, state, query, arrange):
    arrange(alice, bob, organiser)
    answer = as_alice.get(BALLOT + query)
    assert answer.context["candidates"].state == state
    assert parse(answer).has(".candidate") == (state == "found")


def test_an_order_is_named_only_where_there_are_candidates(as_alice, alice, bob):
    assert "random order" not in parse(as_alice.get(BALLOT)).part("#found-count").text
    make_pitch(bob)
    assert "random order" in parse(as_alice.get(BALLOT)).part("#found-count").text


def test_who_reads_without_having_joined_is_not_asked_for_a_pitch(as_organiser, alice):
    answer = as_organiser.get(BALLOT)
    assert answer.context["candidates"].state == "no_pitches_for_reader"
    assert not parse(answer).has("#found a")


@pytest.mark.parametrize("arrange", [voting_closed, voting_is_not_scheduled, conference_is_inactive])
def test_without_a_vote_the_ballot_shows_no_candidates(as_alice, alice, bob, organiser, arrange):
    make_pitch(bob)
    arrange(alice, bob, organiser)
    answer = as_alice.get(BALLOT)
    assert answer.context["candidates"] is None
    assert not parse(answer).has("#found")


def bob_opted_out(alice, bob, organiser):
    Membership.objects.filter(pk=bob.pk).update(accepts_votes=False)


def vote_for_another(alice, bob, organiser):
    make_vote(alice, make_membership(alice.conference))


BUTTONS = [
    ("vote", nothing),
    ("vote", bobs_pitch_is_covered),
    ("move", vote_for_another),
    ("voted", vote_is_cast),
    (None, voter_is_excluded),
    (None, bob_opted_out),
    (None, bobs_pitch_is_hidden),
    (None, voting_closed),
]


@pytest.mark.parametrize(("state", "arrange"), BUTTONS)
def test_button_beside_a_candidate(alice, bob, organiser, state, arrange):
    arrange(alice, bob, organiser)
    voter = Membership.objects.select_related("conference__election").get(pk=alice.pk)
    mine = participation_of(person=alice.user, conference=voter.conference, membership=voter)
    button = vote_button(Membership.objects.get(pk=bob.pk), mine)
    assert (button and button.state) == state


def test_voter_has_no_button_beside_their_own_name(alice):
    mine = participation_of(person=alice.user, conference=alice.conference, membership=alice)
    assert vote_button(alice, mine) is None


def bob_is_excluded(alice, bob, organiser):
    Membership.objects.filter(pk=bob.pk).update(excluded_at=timezone.now())


DOCKS = [
    ("open", "Vote for Bob", "bob", nothing),
    ("open", "Change my vote to Bob", "bob", vote_for_another),
    ("chosen", "Your vote", "bob", vote_is_cast),
    ("excluded", "The organisers excluded this member from the vote.", "bob", bob_is_excluded),
    ("opted_out", "This member does not want to be voted for.", "bob", bob_opted_out),
    ("pitch_hidden", "No one can vote for this member", "bob", bobs_pitch_is_hidden),
    ("own", "cannot vote for you", "alice", own_pitch_is_hidden),
    ("own", "without the text of your pitch for now", "alice", own_pitch_is_covered),
    ("not_open", "Voting is not scheduled yet.", "bob", voting_is_not_scheduled),
    ("own", "They can vote for you.", "alice", nothing),
    ("own_after_voting", "This is how other members see you.", "alice", voting_closed),
]


@pytest.mark.parametrize(("state", "sentence", "of", "arrange"), DOCKS)
def test_vote_on_the_page_of_a_member(as_alice, alice, bob, organiser, state, sentence, of, arrange):
    arrange(alice, bob, organiser)
    person = {"alice": alice, "bob": bob}[of]
    answer = as_alice.get(f"/conferences/open-conf/members/{person.pk}/")
    dock = parse(answer).part("#vote-dock")
    assert answer.context["dock"].state == state
    assert sentence in dock.text
    assert ("/people/profile/" in dock.links) is state.startswith("own")


PITCHES = [
    ("published", "A talk worth hearing", "bob", bob_has_a_pitch),
    ("missing", "No pitch yet.", "bob", nothing),
    ("hidden", "The organisers have hidden this pitch.", "bob", bobs_pitch_is_hidden),
    ("own_hidden", "A talk worth hearing", "alice", own_pitch_is_hidden),
    ("covered", "The organisers are checking the text of this pitch", "bob", bobs_pitch_is_covered),
    ("own_covered", "A talk worth hearing", "alice", own_pitch_is_covered),
    ("own_missing", "You have no pitch yet", "alice", nothing),
    ("missing", "No pitch yet.", "alice", voting_closed),
]


@pytest.mark.parametrize(("state", "sentence", "of", "arrange"), PITCHES)
def test_pitch_on_the_page_of_a_member(as_alice, alice, bob, organiser, state, sentence, of, arrange):
    arrange(alice, bob, organiser)
    person = {"alice": alice, "bob": bob}[of]
    answer = as_alice.get(f"/conferences/open-conf/members/{person.pk}/")
    assert answer.context["pitch"].state == state
    assert sentence in parse(answer).part("#pitch").text


def test_every_state_has_a_row_and_a_template():
    assert states_of(MY_VOTE) == {state for state, *_ in MY_VOTES}
    assert states_of(CANDIDATES) == {state for state, *_ in CANDIDATE_LISTS} | {"no_pitches_for_reader"}
    assert states_of(VOTE_BUTTON) == {state for state, *_ in BUTTONS if state}
    assert states_of(VOTE_DOCK) == {state for state, *_ in DOCKS}
    assert states_of(PITCH_PANEL) == {state for state, *_ in PITCHES}
