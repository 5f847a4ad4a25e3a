from accounts.actors import Actor
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.tally import tally_of
from voting.tests.factories import make_pitch, make_vote


def places(conference):
    return [(s.rank, str(s.candidate), s.votes, s.is_tied) for s in tally_of(conference).standings]


def test_no_votes_is_an_empty_tally(conference, alice):
    tally = tally_of(conference)
    assert (tally.standings, tally.votes, tally.turnout) == ([], 0, 0.0)


def test_no_members_is_no_error(conference):
    assert tally_of(conference).turnout == 0.0


def test_most_votes_first_and_ties_share_a_rank_in_a_stable_order(conference, alice, bob, carol):
    dave, erin = make_membership(conference, name="Dave"), make_membership(conference, name="Erin")
    for voter, candidate in [(alice, dave), (bob, dave), (carol, bob), (dave, alice), (erin, alice)]:
        make_vote(voter, candidate)
    assert places(conference) == [(1, "Alice", 2, True), (1, "Dave", 2, True), (3, "Bob", 1, False)]


def test_turnout_is_votes_per_current_member(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_membership(conference, left_at=conference.created_at)
    assert round(tally_of(conference).turnout, 1) == 33.3


def test_queries_do_not_grow_with_votes(conference, alice, bob, django_assert_num_queries):
    make_pitch(bob)
    make_vote(alice, bob)
    with django_assert_num_queries(3):
        tally_of(conference)
    for _ in range(3):
        voter, candidate = make_membership(conference), make_membership(conference)
        make_pitch(candidate)
        make_vote(voter, candidate)
    with django_assert_num_queries(3):
        [s.candidate.pitch for s in tally_of(conference).standings]


def test_a_member_who_comes_or_goes_after_the_close_does_not_change_the_turnout(conference, alice, bob):
    make_vote(alice, bob)
    actions.close_voting(conference=conference)
    before = tally_of(conference).turnout
    make_membership(conference)
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    assert tally_of(conference).turnout == before == 50.0
