import pytest
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections import pitches
from voting.elections.models import Pitch, Vote
from voting.tests.factories import close_by_clock, make_vote


def test_opting_out_frees_the_votes_given(alice, bob):
    make_vote(alice, bob)
    pitches.set_accepts_votes(membership=bob, accepts_votes=False, by=Actor(bob.user))
    assert Vote.objects.get(voter=alice).voided_because == "candidate_opted_out"


def test_opting_out_keeps_ones_own_vote(alice, bob):
    make_vote(alice, bob)
    pitches.set_accepts_votes(membership=alice, accepts_votes=False, by=Actor(alice.user))
    assert Vote.objects.valid().count() == 1


def test_opting_in_again_makes_a_candidate(alice):
    pitches.set_accepts_votes(membership=alice, accepts_votes=False, by=Actor(alice.user))
    pitches.set_accepts_votes(membership=alice, accepts_votes=True, by=Actor(alice.user))
    assert Membership.objects.candidates().filter(pk=alice.pk).exists()


def test_opting_out_after_the_close_is_refused(conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    with pytest.raises(ValidationError, match="the count is final"):
        pitches.set_accepts_votes(membership=bob, accepts_votes=False, by=Actor(bob.user))
    assert Vote.objects.count() == 1


def test_the_pitch_page_saves_pitch_and_choice(as_alice, alice):
    answer = as_alice.post("/conferences/open-conf/pitch/", {"headline": "On trust", "statement": "Hear me."})
    assert answer.url == f"/conferences/open-conf/members/{alice.pk}/"
    assert Pitch.objects.get(membership=alice).headline == "On trust"
    assert not Membership.objects.get(pk=alice.pk).accepts_votes


def test_a_refused_pitch_keeps_what_was_typed(as_alice):
    page = as_alice.post("/conferences/open-conf/pitch/", {"headline": "", "statement": "Long thoughts"})
    assert "Long thoughts" in parse(page).text
    assert Pitch.objects.count() == 0


def test_a_member_who_had_opted_out_can_still_edit_the_pitch_after_the_close(client, db):
    conference = make_conference(slug="past-vote", voting="closed")
    member = make_membership(conference, accepts_votes=False)
    client.force_login(member.user)
    client.post("/conferences/past-vote/pitch/", {"headline": "New words", "statement": ""})
    assert Pitch.objects.get().headline == "New words"
