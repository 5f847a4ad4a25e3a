"""Editing a conference while votes are in flight, with real connections; SQLite has one writer at a time."""

import re
import threading

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.threads import InThread
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.test_conference_admin import page_of, typed
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts.tracker import make_nonce
from voting.elections.roll.actions import freeze_roll
from voting.elections.statements import CAST_VOTE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time"),
]
MAX_WAIT_SECONDS = 1.0
"""Seconds after which a request that has not been answered is waiting for a lock."""


@pytest.fixture
def people(roles):
    conference = make_conference(voting="open", title="Open Conf")
    members = [make_membership(conference) for _ in range(2)]
    freeze_roll(conference=conference)
    return conference, *members


@pytest.fixture
def desk(people, organiser):
    """An organiser's browser that has already opened the site's pages once."""
    client = log_in_freshly(Client(), organiser)
    client.get(page_of(people[0]))
    return client


def cast(voter, candidate, statement=None):
    parameters = {"slug": voter.conference.slug, "user_id": voter.user_id, "candidate_id": candidate.pk}
    with connection.cursor() as cursor:
        cursor.execute(statement or CAST_VOTE["mysql"], parameters | {"nonce": make_nonce()})
        return cursor.rowcount


def edited_during_a_vote(people, desk, also_lock=None, **changes):
    """Whether the organiser's form is answered while a vote is stored but not committed yet."""
    conference, alice, bob = people
    form = typed(desk, conference, **changes)
    with transaction.atomic():
        assert cast(alice, bob) == 1
        if also_lock:
            also_lock(conference)
        editing = InThread(lambda: desk.post(page_of(conference), form))
        editing.join(MAX_WAIT_SECONDS)
        was_answered = not editing.is_alive()
    return was_answered, editing.finish().result.status_code


def test_editing_an_agenda_does_not_wait_for_votes_in_flight(people, desk):
    assert edited_during_a_vote(people, desk, agenda="Talks and cake") == (True, 302)
    assert Conference.objects.get().agenda == "Talks and cake"
    assert Vote.objects.count() == 1


def test_control_a_vote_that_locks_the_conference_makes_the_agenda_wait(people, desk):
    def lock(conference):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM conferences_conference WHERE id = %s LOCK IN SHARE MODE", [conference.pk]
            )

    assert edited_during_a_vote(people, desk, also_lock=lock, agenda="Talks and cake") == (False, 302)


def test_what_the_vote_depends_on_still_waits_for_votes_in_flight(people, desk):
    assert edited_during_a_vote(people, desk, campaigns_per_candidate="7") == (False, 302)
    assert Election.objects.get().campaigns_per_candidate == 7


def vote_during(people, hold):
    """Whether a vote is stored while another transaction holds these locks."""
    _conference, alice, bob = people
    with transaction.atomic():
        hold()
        voting = InThread(lambda: cast(alice, bob))
        voting.join(MAX_WAIT_SECONDS)
        was_stored = not voting.is_alive()
    return was_stored, voting.finish().result


def test_a_vote_does_not_wait_for_an_agenda_that_is_being_edited(people):
    def edit():
        conference = Conference.objects.select_for_update().get()
        conference.agenda = "Talks and cake"
        conference.save()

    assert vote_during(people, edit) == (True, 1)


def test_control_a_vote_waits_for_the_holder_of_the_lock_on_the_election(people):
    assert vote_during(people, lambda: lock_election(people[0].pk)) == (False, 1)


def vote_that_waited_for_a_deactivation(people, statement):
    conference, alice, bob = people
    written = threading.Event()

    def deactivate():
        with transaction.atomic():
            lock_election(conference.pk)
            Conference.objects.update(status="inactive")
            written.set()
            threading.Event().wait(MAX_WAIT_SECONDS / 2)

    deactivating = InThread(deactivate)
    assert written.wait(10)
    voting = InThread(lambda: cast(alice, bob, statement))
    deactivating.finish()
    assert voting.finish().error is None
    return Vote.objects.count()


def test_a_vote_that_waited_sees_what_became_of_the_conference(people):
    assert vote_that_waited_for_a_deactivation(people, CAST_VOTE["mysql"]) == 0


def test_control_a_conference_that_is_read_before_the_wait_is_as_it_was(people):
    early = re.sub(
        r"(c\.slug = %\(slug\)s) LOCK IN SHARE MODE", r"\1 AND c.status = 'active'", CAST_VOTE["mysql"]
    )
    assert early != CAST_VOTE["mysql"]
    assert vote_that_waited_for_a_deactivation(people, early) == 1
