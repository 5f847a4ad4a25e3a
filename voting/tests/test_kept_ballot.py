"""What the ballot keeps around its cards is never out of date, and shows no one else's vote."""

from datetime import timedelta

import pytest

from accounts.models import User
from confbox.kit.fragments import fragment
from confbox.kit.tests.page import parse
from conferences.models import Membership
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
BALLOT = "/conferences/open-conf/ballot/"


@pytest.fixture
def voted(alice, bob):
    User.objects.filter(pk=bob.user_id).update(picture="people/1/old.webp")
    freeze_roll(conference=alice.conference)
    of_election(roll_size=3)(bob)
    make_pitch(bob)
    make_vote(alice, bob)


def of_election(**columns):
    return lambda bob: Election.objects.filter(pk=bob.conference_id).update(**columns)


def of_bob(**columns):
    return lambda bob: User.objects.filter(pk=bob.user_id).update(**columns)


def other_deadline(bob):
    election = Election.objects.get(pk=bob.conference_id)
    of_election(closes_at=election.closes_at + timedelta(days=9))(bob)


CHANGES = {
    "name of the choice": ("#my-vote ~ .choice", of_bob(name="Robert")),
    "picture of the choice": ("#my-vote ~ .choice", of_bob(picture="people/1/new.webp")),
    "no picture": ("#my-vote ~ .choice", of_bob(picture="")),
    "deadline": (".slip > p", other_deadline),
    "rules": ("#rules", of_election(publishes_participants=True)),
    "digest": ("#roll-digest", of_election(roll_digest="f" * 64)),
    "size of the list of voters": ("#roll-line", of_election(roll_size=1234)),
    "a single voter": ("#roll-line", of_election(roll_size=1)),
    "who may join late": ("#roll-line", of_election(late_joiners="may_not_vote")),
    "the list of voters is that of the organisers": ("#roll-line", of_election(who_votes="roster")),
}


def shown(client, part):
    return parse(client.get(BALLOT)).part(part).source


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_shown_at_once(as_alice, bob, voted, name):
    part, change = CHANGES[name]
    before = shown(as_alice, part)
    assert shown(as_alice, part) == before
    change(bob)
    assert shown(as_alice, part) != before


def test_changed_vote_is_shown_at_once(as_alice, alice, carol, voted):
    assert parse(as_alice.get(BALLOT)).part(".slip .choice").text.endswith("Bob")
    Vote.objects.filter(voter=alice).update(candidate=carol)
    assert parse(as_alice.get(BALLOT)).part(".slip .choice").text.endswith("Carol")


def test_each_voter_sees_their_own_vote(as_alice, client, bob, carol, voted):
    assert parse(as_alice.get(BALLOT)).part(".slip .choice").text.endswith("Bob")
    client.force_login(carol.user)
    page = parse(client.get(BALLOT))
    assert page.texts(".slip h2") == ["Your vote is waiting"]
    assert not page.mentions("You chose")
    make_vote(bob, carol)
    client.force_login(bob.user)
    assert parse(client.get(BALLOT)).part(".slip .choice").text.endswith("Carol")


@pytest.mark.parametrize("part", ["#rules", "#roll-line", ".slip", "#found-count"])
def test_every_part_is_in_the_language_of_the_voter(as_alice, alice, voted, part):
    before = parse(as_alice.get(BALLOT)).part(part).text
    User.objects.filter(pk=alice.user_id).update(language="de")
    assert parse(as_alice.get(BALLOT)).part(part).text != before


def test_choice_whose_profile_is_hidden_shows_no_picture(as_alice, alice, bob, voted):
    assert parse(as_alice.get(BALLOT)).part(".slip .choice").has("img")
    Membership.objects.filter(pk=bob.pk).update(profile_hidden_at=alice.joined_at)
    assert not parse(as_alice.get(BALLOT)).part(".slip .choice").has("img")


def test_row_of_the_database_is_never_what_a_part_is_kept_by(alice):
    with pytest.raises(TypeError, match="rows of the database"):
        fragment("components/_footer.html", alice.user)
    with pytest.raises(TypeError, match="rows of the database"):
        fragment("components/_footer.html", name=alice)
