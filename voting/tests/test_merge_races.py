"""Merging while others join, vote and write, and two merges of the same conferences at once."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401 (the mark below asks for the connection)

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread
from conferences.actions import join_conference
from conferences.changes import deletion
from conferences.merging import actions as merging
from conferences.merging.refusals import Refusal
from conferences.models import (
    Conference,
    ConferenceChange,
    Membership,
    OldAddress,
    OldEntry,
    OldMembership,
)
from conferences.tests.copying import copied
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.test_conference_admin import page_of, typed
from voting.campaigns.models import Campaign
from voting.elections import actions
from voting.elections import merging as votes
from voting.elections.models import Pitch, Vote
from voting.elections.pitches import save_pitch
from voting.tests.test_window_races import with_lock_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def pair(db):
    """One member each."""
    found = [make_conference(title=title, voting="scheduled") for title in ("One", "Two")]
    for conference in found:
        make_membership(conference)
    return found


@pytest.fixture
def by(roles):
    return Actor(make_organiser("organiser@example.org"))


def merge(duplicate, stays, by):
    return merging.merge_conferences(duplicate=duplicate, stays=stays, address=duplicate.slug, by=by)


def kinds(errors):
    return [type(error) for error in errors]


def test_each_into_the_other_at_once_leaves_one_with_all_members(pair, by):
    one, two = pair
    threads = [InThread(lambda a=a, b=b: merge(a, b, by)) for a, b in ((one, two), (two, one))]
    errors = kinds(thread.finish().error for thread in threads)
    assert sorted(errors, key=str) == sorted([type(None), ValidationError], key=str)
    assert Membership.objects.filter(conference=Conference.objects.get()).count() == 2


def test_two_organisers_at_once_merge_a_duplicate_once(pair, by):
    """With a member of both, and one invited to both."""
    one, two = pair
    make_membership(two, user=one.memberships.get().user)
    make_membership(one)
    for conference in pair:
        make_entry(conference, "ada@example.org")
    threads = [InThread(lambda: merge(one, two, by)) for _ in range(3)]
    threads.append(InThread(lambda: merge(one, make_conference(voting="scheduled"), by)))
    errors = kinds(thread.finish().error for thread in threads)
    assert ConferenceChange.objects.count() == Campaign.objects.count() == OldAddress.objects.count() == 1
    assert set(errors) <= {type(None), ValidationError}
    assert Membership.objects.values("user").distinct().count() == 3
    kept = int(OldAddress.objects.get().conference == two)
    assert (OldEntry.objects.count(), OldMembership.objects.count()) == (kept, kept)


def test_who_joins_the_duplicate_before_the_merge_moves(pair, by):
    one, two = pair
    person = make_user("dora@example.org")
    errors = with_lock_of(
        one, lambda: join_conference(conference=one, by=Actor(person)), lambda: merge(one, two, by)
    )
    assert errors == [None, None]
    assert Membership.objects.get(user=person).conference == two


def test_control_a_merge_without_locks_loses_who_joins(pair, by, monkeypatch):
    one, two = pair
    for module in (merging, deletion):
        monkeypatch.setattr(module, "BEFORE_CHANGING", [])
    monkeypatch.setattr(merging, "lock_conference", lambda pk: Conference.objects.as_of_now().get(pk=pk))
    person = make_user("dora@example.org")
    errors = with_lock_of(
        one, lambda: join_conference(conference=one, by=Actor(person)), lambda: merge(one, two, by)
    )
    assert errors == [None, None]
    assert not Membership.objects.filter(user=person).exists()


def test_who_would_join_the_duplicate_after_the_merge_is_refused_in_words(pair, by):
    one, two = pair
    person = make_user("dora@example.org")
    errors = with_lock_of(
        one, lambda: merge(one, two, by), lambda: join_conference(conference=one, by=Actor(person))
    )
    assert kinds(errors) == [type(None), ValidationError]
    assert "merged into another one" in errors[1].messages[0]


def test_a_pitch_that_is_saved_during_the_merge_is_refused_in_words(pair, by):
    one, two = pair
    member = one.memberships.get()
    pitch = {"headline": "Queues", "statement": "", "accepts_votes": True, "by": Actor(member.user)}
    errors = with_lock_of(one, lambda: merge(one, two, by), lambda: save_pitch(membership=member, **pitch))
    assert kinds(errors) == [type(None), ValidationError]
    assert not Pitch.objects.exists()


def test_a_vote_at_the_one_that_stays_waits_and_is_stored(by):
    stays, duplicate = make_conference(voting="open"), make_conference(title="Two", voting="scheduled")
    alice, bob = make_membership(stays), make_membership(stays)
    make_membership(duplicate)

    def vote():
        actions.cast_vote(by=Actor(alice.user), slug=stays.slug, candidate_id=bob.pk)

    assert with_lock_of(stays, lambda: merge(duplicate, stays, by), vote) == [None, None]
    assert Vote.objects.get().voter == alice


def test_a_vote_at_the_duplicate_that_is_stored_first_keeps_it_from_being_merged(pair, by):
    one = make_conference(title="Three", voting="open")
    alice, bob = make_membership(one), make_membership(one)

    def vote():
        actions.cast_vote(by=Actor(alice.user), slug=one.slug, candidate_id=bob.pk)

    errors = with_lock_of(one, vote, lambda: merge(one, pair[0], by))
    assert kinds(errors) == [type(None), ValidationError]
    assert Vote.objects.get().election_id == one.pk


def test_control_a_merge_without_locks_does_not_see_a_vote_in_flight(pair, by, monkeypatch):
    one, unlocked = make_conference(title="Three", voting="open"), Conference.objects.as_of_now()
    alice, bob = make_membership(one), make_membership(one)
    monkeypatch.setattr(merging, "BEFORE_CHANGING", [])
    monkeypatch.setattr(merging, "lock_conference", lambda pk: unlocked.get(pk=pk))
    seen = []

    def see(merge, person):
        seen.append(votes.why_not_to_move(merge))
        return [Refusal("Enough.")]

    monkeypatch.setattr(merging, "refusals_of_merge", see)

    def vote():
        actions.cast_vote(by=Actor(alice.user), slug=one.slug, candidate_id=bob.pk)

    errors = with_lock_of(one, vote, lambda: merge(one, pair[0], by))
    assert kinds(errors) == [type(None), ValidationError]
    assert seen == [None]


def test_a_vote_at_a_duplicate_that_is_merged_meanwhile_is_not_stored(pair, by):
    one, two = make_conference(title="Three", voting="open"), pair[1]
    member, other = make_membership(one), make_membership(one)

    def vote():
        actions.cast_vote(by=Actor(member.user), slug=one.slug, candidate_id=other.pk)

    errors = with_lock_of(one, lambda: merge(one, two, by), vote)
    assert errors[0] is None
    assert isinstance(errors[1], ValidationError | Membership.DoesNotExist | Conference.DoesNotExist)
    assert not Vote.objects.exists()


# --- the web address of the duplicate ----------------------------------------------------------


@pytest.fixture
def validated_before(pair, by, monkeypatch):
    """Gives a conference the address of the duplicate, and merges that between the check and the write.

    `Conference.clean` is called after the address was compared with old ones and before it must be unique.
    """

    def run(call):
        clean, reached, merged = Conference.clean, threading.Event(), threading.Event()

        def wait_and_clean(self):
            if self.slug == pair[0].slug and not merged.is_set():
                reached.set()
                assert merged.wait(10)
            clean(self)

        monkeypatch.setattr(Conference, "clean", wait_and_clean)
        thread = InThread(call)
        assert reached.wait(10)
        merge(*pair, by)
        merged.set()
        return thread.finish()

    return run


def copy_to(slug, by):
    source = make_conference(title="Source", slug="source")
    return lambda: copied(source, by=by, slug=slug)


def test_a_copy_that_was_validated_before_the_merge_does_not_get_the_old_address(pair, by, validated_before):
    error = validated_before(copy_to(pair[0].slug, by)).error
    assert list(error.message_dict) == ["slug"]
    assert not Conference.objects.filter(slug=pair[0].slug).exists()


def test_control_a_copy_that_is_not_checked_again_gets_the_old_address(
    pair, by, validated_before, monkeypatch
):
    monkeypatch.setattr("conferences.actions.refuse_old_addresses", lambda _slugs: None)
    assert validated_before(copy_to(pair[0].slug, by)).error is None
    assert Conference.objects.filter(slug=pair[0].slug).exists()
    assert OldAddress.objects.filter(slug=pair[0].slug).exists()


def change_address(client, draft, slug):
    sent = typed(client, draft, slug=slug)
    return lambda: client.post(page_of(draft), sent)


def test_the_form_says_that_the_address_it_was_to_get_leads_elsewhere(pair, by, validated_before, client):
    draft = make_conference(title="Draft", slug="draft", status="draft")
    log_in_freshly(client, by.person)
    answer = validated_before(change_address(client, draft, pair[0].slug)).result
    assert "This was the web address of a conference" in parse(answer).text
    assert Conference.objects.get(pk=draft.pk).slug == "draft"


def test_control_the_form_that_is_not_checked_again_gets_the_old_address(
    pair, by, validated_before, client, monkeypatch
):
    monkeypatch.setattr("conferences.changes.details.refuse_old_addresses", lambda _slugs: None)
    draft = make_conference(title="Draft", slug="draft", status="draft")
    log_in_freshly(client, by.person)
    assert validated_before(change_address(client, draft, pair[0].slug)).result.status_code == 302
    assert Conference.objects.get(pk=draft.pk).slug == pair[0].slug
