"""The compiled queries of the ballot read what Django itself reads, to the last column."""

from datetime import timedelta

import pytest
import time_machine
from django.db import models
from django.utils import timezone, translation

from accounts.models import User
from confbox.kit.clock import database_now
from conferences.models import Conference, Membership
from conferences.views import OWN
from voting.elections.ballot import ON_BALLOT, ON_PAGE, SHOWN, candidates_on_page
from voting.elections.models import Pitch, Vote
from voting.elections.panels.ballot import card_of
from voting.elections.participation import participation_of
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
NO_COLUMNS = ("_state", "as_of")
READ_WITH_IT = ("conference__election", "roll_entry", "vote__candidate__user")


def facts(thing):
    """What was read of an object, and of each object that was read with it."""
    if not isinstance(thing, models.Model):
        return thing
    joined = {
        name: facts(other) for name, other in thing._state.fields_cache.items() if _leads_on(thing, other)
    }
    return {name: value for name, value in vars(thing).items() if name not in NO_COLUMNS} | joined


def _leads_on(thing, other):
    """Not back to where it was read with."""
    return not isinstance(other, models.Model) or thing not in other._state.fields_cache.values()


def own(membership):
    return OWN.first(user=membership.user_id, slug=membership.conference.slug)


def same(membership):
    return Membership.objects.select_related(*READ_WITH_IT).get(pk=membership.pk)


def test_own_membership_is_read_with_its_vote_and_its_entry_of_the_roll(alice, bob):
    freeze_roll(conference=alice.conference)
    make_vote(alice, bob)
    found, expected = own(alice), same(alice)
    assert found.roll_entry.pk
    assert found.vote.candidate.user.name == "Bob"
    assert facts(found) == facts(expected)


def test_what_a_member_does_not_have_is_known_without_a_query(alice, django_assert_num_queries):
    found = own(alice)
    with django_assert_num_queries(0):
        assert getattr(found, "vote", None) is None
        assert getattr(found, "roll_entry", None) is None
    assert facts(found) == facts(same(alice))


def test_time_of_the_database_is_read_anew(alice):
    before = database_now()
    first, second = own(alice), own(alice)
    assert before <= first.as_of <= second.as_of
    assert second.as_of - before < timedelta(minutes=1)


@pytest.mark.parametrize(
    "change",
    [
        lambda alice: Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now()),
        lambda alice: Conference.objects.filter(pk=alice.conference_id).update(status="draft"),
    ],
)
def test_who_left_and_who_looks_at_a_draft_has_no_membership(alice, change):
    assert own(alice)
    change(alice)
    assert own(alice) is None


def test_vote_that_was_changed_is_read_at_once(alice, bob, carol):
    make_vote(alice, bob)
    assert own(alice).vote.candidate == bob
    Vote.objects.filter(voter=alice).update(candidate=carol)
    assert own(alice).vote.candidate == carol


def test_candidates_are_read_with_person_and_pitch(bob, carol):
    make_pitch(bob)
    make_pitch(carol)
    found = {person.pk: facts(person) for person in ON_PAGE.all(ids=[bob.pk, carol.pk])}
    expected = Membership.objects.select_related("user", "pitch").only(*SHOWN).in_bulk([bob.pk, carol.pk])
    assert found == {pk: facts(person) for pk, person in expected.items()}


def test_card_needs_nothing_else_of_a_candidate(alice, bob, django_assert_num_queries):
    make_pitch(bob)
    mine = participation_of(person=alice.user, conference=alice.conference, membership=alice)
    with django_assert_num_queries(1):
        [card] = [card_of(person, mine) for person in candidates_on_page([bob.pk])]
    assert (card.name, card.headline, card.button) == ("Bob", "A talk worth hearing", "vote")


def test_private_data_of_candidates_is_not_read(bob):
    make_pitch(bob)
    [found] = ON_PAGE.all(ids=[bob.pk])
    assert found.user.get_deferred_fields() >= {"password", "email", "phone", "calendar_key"}


def test_candidates_on_the_ballot_are_those_of_the_queryset(conference, bob, carol):
    make_pitch(bob)
    make_pitch(carol)
    Membership.objects.filter(pk=carol.pk).update(pitch_hidden_at=timezone.now())
    candidates = Membership.objects.candidates().filter(conference=conference, pitch__isnull=False)
    assert [pk for [pk] in ON_BALLOT.rows(conference=conference.pk)] == [c.pk for c in candidates] == [bob.pk]


def test_nameless_candidate_is_named_in_the_language_of_each_voter(bob):
    make_pitch(bob)
    User.objects.filter(pk=bob.user_id).update(name="")
    named = {}
    for language in ("en", "de"):
        with translation.override(language):
            [candidate] = candidates_on_page([bob.pk])
        named[language] = candidate.name
    assert named == {"en": "Unnamed person", "de": "Person ohne Namen"}


def test_cover_of_a_pitch_ends_by_the_clock_alone(bob):
    make_pitch(bob)
    Pitch.objects.filter(membership=bob).update(covered_until=timezone.now() + timedelta(minutes=5))
    [before] = candidates_on_page([bob.pk])
    assert before.is_covered
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        [after] = candidates_on_page([bob.pk])
        assert not after.is_covered
