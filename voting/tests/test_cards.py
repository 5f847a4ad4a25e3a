"""Cards of candidates are kept for the next voter, and none is out of date for even one request."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from confbox.kit.fragments import _fragment
from confbox.kit.tests.page import parse
from conferences.models import Membership
from voting.elections.models import Pitch
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
BALLOT = "/conferences/open-conf/ballot/"


@pytest.fixture
def pitch(bob):
    User.objects.filter(pk=bob.user_id).update(profession="Cartographer", picture="people/1/old.webp")
    return make_pitch(bob, headline="Maps that lie", statement="You will *read* them.")


def card(client):
    return parse(client.get(BALLOT)).part("li.candidate")


def of_user(**columns):
    return lambda bob: User.objects.filter(pk=bob.user_id).update(**columns)


def of_member(**columns):
    return lambda bob: Membership.objects.filter(pk=bob.pk).update(**columns)


def of_pitch(**columns):
    return lambda bob: Pitch.objects.filter(membership=bob).update(**columns)


CHANGES = {
    "name": (of_user(name="Robert"), "Bob"),
    "profession": (of_user(profession="Surveyor"), "Cartographer"),
    "profession no longer shown": (of_user(shows_profession=False), "Cartographer"),
    "another picture": (of_user(picture="people/1/new.webp"), "old"),
    "no picture": (of_user(picture=""), "old"),
    "profile hidden": (of_member(profile_hidden_at=timezone.now()), "Cartographer"),
    "headline": (of_pitch(headline="Maps that speak"), "Maps that lie"),
    "statement": (of_pitch(statement="Come."), "read"),
    "pitch covered": (of_pitch(covered_until=timezone.now() + timedelta(days=1)), "Maps that lie"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_not_shown_once_more(as_alice, bob, pitch, name):
    change, before = CHANGES[name]
    assert card(as_alice).mentions(before)
    change(bob)
    assert not card(as_alice).mentions(before)


def test_hidden_pitch_leaves_the_ballot_with_its_card(as_alice, bob, pitch):
    assert card(as_alice).mentions("Maps that lie")
    of_member(pitch_hidden_at=timezone.now())(bob)
    assert not parse(as_alice.get(BALLOT)).has("li.candidate")


def test_a_pitch_of_a_headline_alone_can_be_reported(as_alice, bob, pitch):
    report = f"/conferences/open-conf/members/{bob.pk}/report/"
    assert report in card(as_alice).links
    Pitch.objects.update(statement="")
    assert report in card(as_alice).links


def test_card_is_in_the_language_of_the_voter(as_alice, alice, pitch):
    assert card(as_alice).mentions("Read why")
    User.objects.filter(pk=alice.user_id).update(language="de")
    assert not card(as_alice).mentions("Read why")


def test_button_is_that_of_the_voter(as_alice, client, alice, bob, carol, pitch):
    make_vote(carol, bob)
    assert card(as_alice).has("button.vote-button")
    client.force_login(carol.user)
    assert not card(client).has("button")


def test_two_voters_share_what_was_rendered(client, alice, carol, pitch):
    client.force_login(alice.user)
    client.get(BALLOT)
    before = _fragment.cache_info()
    client.force_login(carol.user)
    client.get(BALLOT)
    assert _fragment.cache_info().misses == before.misses
    assert _fragment.cache_info().hits > before.hits
