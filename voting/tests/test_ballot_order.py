import pytest
from django.utils import timezone

from accounts.models import User
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_conference, make_membership
from voting.elections.ballot import _ids_on_ballot, ballot_order
from voting.elections.models import Pitch
from voting.tests.factories import make_pitch


def order(voter):
    return ballot_order(conference=voter.conference, voter=voter)


def with_pitches(conference, number):
    for _ in range(number):
        make_pitch(make_membership(conference))


def test_order_is_the_same_at_every_visit(conference, alice):
    with_pitches(conference, 10)
    assert order(alice) == order(alice)


def test_each_voter_has_an_order_of_their_own(conference, alice, bob):
    with_pitches(conference, 10)
    assert sorted(order(alice)) == sorted(order(bob))
    assert order(alice) != order(bob)


def test_every_candidate_is_first_about_equally_often(conference, db):
    with_pitches(conference, 4)
    voters = [make_membership(conference) for _ in range(200)]
    firsts = [order(voter)[0] for voter in voters]
    assert all(firsts.count(number) > 25 for number in set(firsts))
    assert len(set(firsts)) == 4


def test_the_voter_and_those_who_opted_out_are_not_on_it(conference, alice, bob, carol):
    for member in (alice, bob, carol):
        make_pitch(member)
    type(carol).objects.filter(pk=carol.pk).update(accepts_votes=False)
    assert order(alice) == [bob.pk]


@pytest.fixture
def read_long_ago(monkeypatch, conference, alice, bob, carol):
    """The candidates were read before what happens now."""
    monkeypatch.setattr("voting.elections.ballot.IDS_SECONDS", 1e9)
    _ids_on_ballot.cache_clear()
    make_pitch(bob)
    make_pitch(carol)
    yield set(order(alice))
    _ids_on_ballot.cache_clear()


def shown_to(client):
    cards = parse(client.get("/conferences/open-conf/ballot/"))
    return {int(pk) for pk in cards.attributes("button[name=candidate]", "value")}


def of_membership(**columns):
    return lambda bob: type(bob).objects.filter(pk=bob.pk).update(**columns)


@pytest.mark.parametrize(
    "act",
    [
        of_membership(left_at=timezone.now()),
        of_membership(excluded_at=timezone.now()),
        of_membership(accepts_votes=False),
        of_membership(pitch_hidden_at=timezone.now()),
        lambda bob: User.objects.filter(pk=bob.user_id).update(is_active=False),
        lambda bob: Pitch.objects.filter(membership=bob).delete(),
    ],
)
def test_who_is_no_longer_a_candidate_is_on_no_ballot_at_once(read_long_ago, as_alice, bob, carol, act):
    assert shown_to(as_alice) == {bob.pk, carol.pk}
    act(bob)
    assert shown_to(as_alice) == {carol.pk}


def test_a_new_candidate_is_on_ballots_when_the_candidates_are_read_again(
    read_long_ago, as_alice, bob, carol, conference, monkeypatch
):
    dave = make_membership(conference)
    make_pitch(dave)
    assert shown_to(as_alice) == {bob.pk, carol.pk}
    monkeypatch.setattr("voting.elections.ballot.IDS_SECONDS", 1e-9)
    assert shown_to(as_alice) == {bob.pk, carol.pk, dave.pk}


def test_candidates_of_another_conference_are_never_on_it(read_long_ago, as_alice, bob, carol):
    other = make_membership(make_conference(voting="open"))
    make_pitch(other)
    assert order(other) == []
    assert shown_to(as_alice) == {bob.pk, carol.pk}


def test_candidates_are_read_once_for_all_voters(read_long_ago, bob, django_assert_num_queries):
    with django_assert_num_queries(0):
        order(bob)


def test_the_ballot_keeps_a_hidden_profession_to_itself(as_alice, bob):
    make_pitch(bob)
    User.objects.filter(pk=bob.user_id).update(profession="Locksmith", shows_profession=False)
    assert not parse(as_alice.get("/conferences/open-conf/ballot/")).mentions("Locksmith")
    User.objects.filter(pk=bob.user_id).update(shows_profession=True)
    assert "Locksmith" in parse(as_alice.get("/conferences/open-conf/ballot/")).text


def test_a_short_pitch_is_whole_on_the_ballot(as_alice, bob):
    make_pitch(bob, statement="word " * 100 + "and the end")
    page = parse(as_alice.get("/conferences/open-conf/ballot/"))
    assert "and the end" in page.text
    assert not page.mentions("Read the full pitch")


def test_a_long_pitch_is_cut_and_linked_on_the_ballot(as_alice, bob):
    make_pitch(bob, statement="word " * 200 + "and the end")
    page = parse(as_alice.get("/conferences/open-conf/ballot/"))
    assert not page.mentions("and the end")
    assert "Read the full pitch" in page.text
