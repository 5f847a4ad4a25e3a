"""Races between the roster and the electoral roll, with real connections and, for each, a control."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction  # noqa: F401 (the mark below asks for the connection)
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences import matching
from conferences.actions import join_conference
from conferences.matching import claim_entry
from conferences.models import RosterEntry
from conferences.roster import actions as roster_actions
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import BY_COMMAND, imported
from voting.elections.actions import cast_vote
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll
from voting.elections.roll.models import RollEntry
from voting.elections.roll.roster import add_listed_to_roll

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]

MANY = 50
MAX_WAIT_SECONDS = 0.4


@pytest.fixture
def opening(db):
    """A conference whose vote of the roster opens in a moment."""
    conference = make_conference(voting="scheduled", who_votes="roster")
    update_elections(conference, opens_at=timezone.now() + timedelta(seconds=2))
    conference.refresh_from_db()
    return conference


@pytest.fixture
def election(db):
    """Voting is open; on the roll are a ticket that no one has claimed, and two members."""
    conference = make_conference(voting="scheduled", who_votes="roster")
    imported(conference, "ticket@example.org\nalice@example.org\nbob@example.org")
    people = [make_user(f"{name}@example.org") for name in ("alice", "bob")]
    members = [join_conference(conference=conference, by=Actor(person)) for person in people]
    update_elections(conference, opens_at=timezone.now() + timedelta(milliseconds=1))
    threading.Event().wait(0.1)
    freeze_roll(conference=conference)
    conference.refresh_from_db()
    assert RollEntry.objects.count() == 3
    return conference, *members


def together(calls):
    ready = threading.Barrier(len(calls))

    def run(call):
        ready.wait(20)
        return call()

    return [thread.finish() for thread in [InThread(lambda c=c: run(c)) for c in calls]]


def ticket():
    return RosterEntry.objects.get(mailbox="ticket@example.org")


def test_of_fifty_who_claim_one_entry_at_once_one_gets_it_and_may_vote(election):
    conference, alice, _bob = election
    members, wanted = [make_membership(conference) for _ in range(MANY)], ticket()
    found = together([lambda m=m: claim_entry(membership=m, entry=wanted) for m in members])
    assert [thread.error for thread in found] == [None] * MANY
    [winner] = [m for m, thread in zip(members, found, strict=True) if thread.result]
    assert ticket().membership == winner
    assert RollEntry.objects.get(email="ticket@example.org").membership == winner
    cast_vote(by=Actor(winner.user), slug=conference.slug, candidate_id=alice.pk)


def test_of_fifty_who_join_with_one_entry_at_once_one_gets_it(election):
    conference, _alice, _bob = election
    people, wanted = [make_user(f"p{n}@example.org") for n in range(MANY)], ticket()
    found = together(
        [lambda p=p: join_conference(conference=conference, by=Actor(p), entry=wanted) for p in people]
    )
    assert [thread.error for thread in found] == [None] * MANY
    assert RosterEntry.objects.filter(membership__in=[thread.result.pk for thread in found]).count() == 1


def test_one_member_who_claims_many_entries_at_once_gets_one(election):
    conference, *_ = election
    imported(conference, "\n".join(f"more{n}@example.org" for n in range(12)))
    member = make_membership(conference)
    wanted = RosterEntry.objects.filter(mailbox__startswith="more")
    found = together([lambda e=e: claim_entry(membership=member, entry=e) for e in wanted])
    assert [thread.error for thread in found] == [None] * 12
    assert RosterEntry.objects.filter(membership=member).count() == 1


def test_organisers_at_once_add_an_entry_of_the_roster_once(election):
    conference, *_ = election
    imported(conference, "late@example.org")
    late = RosterEntry.objects.get(mailbox="late@example.org")
    found = together([lambda: add_listed_to_roll(listed=late, by=BY_COMMAND, reason="At the door.")] * 8)
    assert [thread.error for thread in found] == [None] * 8
    assert [thread.result for thread in found].count(Change.MADE) == 1
    assert RollEntry.objects.filter(roster_entry=late).count() == 1


def test_control_claims_that_read_first_and_write_later_admit_several(election, monkeypatch):
    conference, *_ = election
    members, wanted = [make_membership(conference) for _ in range(MANY)], ticket()
    ready = threading.Barrier(MANY)

    def read_then_write(entry, membership, **_options):
        is_free = RosterEntry.objects.get(pk=entry.pk).membership_id is None
        ready.wait(20)
        return is_free and bool(RosterEntry.objects.filter(pk=entry.pk).update(membership=membership))

    monkeypatch.setattr(matching, "_is_claimed", read_then_write)
    found = together([lambda m=m: claim_entry(membership=m, entry=wanted) for m in members])
    assert sum(bool(thread.result) for thread in found) > 1


def importing_while_frozen(conference):
    """An import that has begun before voting opens and is stored after the freezing was asked for."""
    has_begun, may_end = threading.Event(), threading.Event()

    def importing():
        with transaction.atomic():
            imported(conference, "ada@example.org")
            has_begun.set()
            may_end.wait(5)

    thread = InThread(importing)
    assert has_begun.wait(5)
    seconds = (conference.election.opens_at - timezone.now()).total_seconds()
    threading.Event().wait(max(seconds + 0.1, 0))
    freezing = InThread(lambda: freeze_roll(conference=conference))
    freezing.join(MAX_WAIT_SECONDS)
    is_waiting = freezing.is_alive()
    may_end.set()
    assert [thread.finish().error, freezing.finish().error] == [None, None]
    return is_waiting


def test_freezing_waits_for_an_import(opening):
    assert importing_while_frozen(opening)
    assert RollEntry.objects.filter(email="ada@example.org").count() == 1


def test_control_without_the_lock_an_import_misses_the_roll(opening, monkeypatch):
    monkeypatch.setattr(roster_actions, "BEFORE_CHANGING", [])
    assert not importing_while_frozen(opening)
    assert RosterEntry.objects.get().listed_at <= opening.election.opens_at
    assert not RollEntry.objects.exists()


def joining_while_frozen(conference, person):
    """A person on the roster who has claimed their entry when the roll is frozen, and is stored later."""
    has_claimed, may_end = threading.Event(), threading.Event()

    def joining():
        with transaction.atomic():
            membership = join_conference(conference=conference, by=Actor(person))
            has_claimed.set()
            may_end.wait(5)
        return membership

    thread = InThread(joining)
    assert has_claimed.wait(5)
    seconds = (conference.election.opens_at - timezone.now()).total_seconds()
    threading.Event().wait(max(seconds + 0.1, 0))
    freezing = InThread(lambda: freeze_roll(conference=conference))
    freezing.join(MAX_WAIT_SECONDS)
    may_end.set()
    assert [thread.finish().error, freezing.finish().error] == [None, None]
    return thread.result


def test_freezing_knows_the_owner_of_an_entry_that_is_being_claimed(opening):
    imported(opening, "ada@example.org")
    member = joining_while_frozen(opening, make_user("ada@example.org"))
    assert RollEntry.objects.get().membership == member


def test_control_without_the_lock_a_claim_during_the_freezing_is_lost(opening, monkeypatch):
    imported(opening, "ada@example.org")
    monkeypatch.setattr(matching, "BEFORE_CLAIMING", [])
    joining_while_frozen(opening, make_user("ada@example.org"))
    assert RollEntry.objects.get().membership is None


def test_removal_from_the_roster_and_votes_in_parallel_leave_no_valid_vote(election):
    conference, alice, bob = election
    entry = RosterEntry.objects.get(membership=alice)
    voting = [
        InThread(lambda: cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk))
        for _ in range(12)
    ]
    removal = InThread(
        lambda: roster_actions.remove_entry(entry=entry, reason="The ticket was refunded.", by=BY_COMMAND)
    )
    errors = [thread.finish().error for thread in voting]
    assert removal.finish().error is None
    assert all(error is None or "removed you" in str(error) for error in errors)
    assert not Vote.objects.valid().filter(voter=alice).exists()


def test_removal_from_the_roster_waits_for_a_vote_in_flight(election):
    conference, alice, bob = election
    entry = RosterEntry.objects.get(membership=alice)
    with transaction.atomic():
        cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk)
        removal = InThread(
            lambda: roster_actions.remove_entry(entry=entry, reason="Refunded.", by=BY_COMMAND)
        )
        removal.join(MAX_WAIT_SECONDS)
        assert removal.is_alive()
    assert removal.finish().error is None
    assert not Vote.objects.valid().filter(voter=alice).exists()


def test_control_removal_that_does_not_touch_the_roll_lets_a_removed_voter_vote(election, monkeypatch):
    conference, alice, bob = election
    monkeypatch.setattr(roster_actions, "AFTER_REMOVING", [])
    entry = RosterEntry.objects.get(membership=alice)
    roster_actions.remove_entry(entry=entry, reason="Refunded.", by=BY_COMMAND)
    cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk)
    assert Vote.objects.valid().filter(voter=alice).exists()


def test_imports_claims_and_votes_at_once_neither_deadlock_nor_lose_an_entry(election):
    conference, alice, bob = election
    people = [make_user(f"late{n}@example.org") for n in range(8)]
    names = "\n".join(person.email for person in people)
    calls = [lambda: imported(conference, f"ticket@example.org\nalice@example.org\nbob@example.org\n{names}")]
    calls += [lambda p=p: join_conference(conference=conference, by=Actor(p)) for p in people]
    calls += [lambda: cast_vote(by=Actor(alice.user), slug=conference.slug, candidate_id=bob.pk)] * 4
    found = together(calls)
    assert [thread.error for thread in found] == [None] * len(calls)
    owned = RosterEntry.objects.filter(membership__user__in=people)
    assert owned.count() == len(people)
