"""Two organisers at once, with real connections; SQLite has one writer at a time."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection  # noqa: F401 (the mark below asks it)

from accounts.actions import disable_user
from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign, Delivery
from voting.elections import actions
from voting.elections.answers import answer_decision, step_down
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Vote
from voting.tests.factories import close_and_decide, make_vote

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
ORGANISERS = 8


def at_once(*calls):
    """Runs the calls on connections of their own, started at the same time."""
    start = threading.Barrier(len(calls))

    def begun(call):
        start.wait()
        return call()

    threads = [InThread(lambda call=call: begun(call)) for call in calls]
    return [thread.finish() for thread in threads]


@pytest.fixture
def election(db):
    conference = make_conference(voting="open")
    return conference, [make_membership(conference) for _ in range(ORGANISERS)]


def test_organisers_at_once_make_one_decision(election):
    conference, members = election
    by = make_user("organiser@example.org", is_staff=True)
    actions.close_voting(conference=conference)
    done = at_once(
        *(
            lambda member=member: actions.decide_speaker(
                conference=conference, candidate=member, by=Actor(by), reason="Mine."
            )
            for member in members
        )
    )
    refusals = [thread.error for thread in done if thread.error]
    assert len(refusals) == ORGANISERS - 1
    assert {type(error) for error in refusals} == {ValidationError}
    assert Decision.objects.current().count() == Decision.objects.count() == 1
    assert Conference.objects.get(pk=conference.pk).election.decided_at


def test_control_without_the_lock_the_database_still_keeps_one_decision(election):
    conference, members = election
    by = make_user("organiser@example.org", is_staff=True)
    done = at_once(
        *(
            lambda member=member: Decision.objects.create(
                election=conference.election, speaker=member, decided_by=by, tally={}
            )
            for member in members
        )
    )
    assert {type(thread.error) for thread in done if thread.error} == {IntegrityError}
    assert Decision.objects.count() == 1


def test_a_speaker_who_steps_down_twice_at_once_is_announced_once(election):
    conference, members = election
    by = make_user("organiser@example.org", is_staff=True)
    decision = close_and_decide(conference=conference, candidate=members[0], by=by, reason="x")
    answer_decision(decision=decision, accept=True, by=Actor(members[0].user))
    result = Campaign.objects.get()
    for member in members[1:]:
        Delivery.objects.create(campaign=result, recipient=member, status="sent")
    leave = lambda: step_down(decision=Decision.objects.get(), by=Actor(members[0].user))  # noqa: E731
    done = at_once(*[leave] * 5)
    assert [thread.error for thread in done] == [None] * 5
    assert [thread.result for thread in done].count(Change.MADE) == 1
    assert Campaign.objects.filter(kind="steppeddown").count() == 1


def test_answering_at_once_counts_once(election):
    conference, members = election
    by = make_user("organiser@example.org", is_staff=True)
    decision = close_and_decide(conference=conference, candidate=members[0], by=by, reason="x")
    done = at_once(
        *(
            lambda accept=accept: actions.answer_decision(
                decision=decision, accept=accept, by=Actor(decision.speaker.user)
            )
            for accept in (True, False) * 3
        )
    )
    assert [thread.result for thread in done].count(Change.MADE) == 1
    decision.refresh_from_db()
    speaker = Conference.objects.get(pk=conference.pk).election.speaker
    assert (speaker is None) == (decision.answer == "declined")


def test_no_vote_of_or_for_a_member_who_is_excluded_meanwhile(election):
    conference, members = election
    excluded, others = members[0], members[1:]
    make_vote(others[0], excluded)
    votes = [
        lambda voter=voter: actions.cast_vote(
            by=Actor(voter.user), slug=conference.slug, candidate_id=excluded.pk
        )
        for voter in others
    ]
    at_once(*votes, lambda: exclude_member(membership=excluded, by=Actor.of_command(), reason="x"))
    assert not Vote.objects.valid().filter(candidate=excluded).exists()


def test_no_vote_for_a_member_who_is_disabled_meanwhile(election):
    conference, members = election
    disabled, others = members[0], members[1:]
    votes = [
        lambda voter=voter: actions.cast_vote(
            by=Actor(voter.user), slug=conference.slug, candidate_id=disabled.pk
        )
        for voter in others
    ]
    at_once(*votes, lambda: disable_user(user=disabled.user, by=Actor.of_command(), reason="x"))
    assert not Vote.objects.valid().filter(candidate=disabled).exists()
