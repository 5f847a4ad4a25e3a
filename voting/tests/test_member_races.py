"""What members and organisers do at the same time, with real threads and connections."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.clock import database_now
from confbox.kit.tests.threads import InThread
from conferences import actions as conference_actions
from conferences.importing.actions import import_conferences
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions, pitches
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import dismiss_reports, report_member
from voting.elections.receipts import actions as receipts
from voting.elections.receipts.actions import ensure_published, publish_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.tests.factories import close_and_decide, make_vote

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def election(db):
    conference = make_conference(voting="open")
    return conference, *(make_membership(conference) for _ in range(3))


def together(*acts):
    """Runs all at once; returns the errors of those that were refused or failed."""
    finished = [thread.finish() for thread in [InThread(act) for act in acts]]
    return [thread.error for thread in finished if thread.error]


def test_joining_in_parallel_makes_one_membership(db):
    conference, user = make_conference(), make_user("twice@example.org")

    def join():
        conference_actions.join_conference(conference=conference, by=Actor(user))

    assert together(*[join] * 8) == []
    assert Membership.objects.filter(conference=conference, user=user).count() == 1


def test_saving_a_pitch_in_parallel_keeps_one(election):
    _conference, alice, _bob, _carol = election

    def save(number):
        texts = {"headline": f"Talk {number}", "statement": ""}
        pitches.save_pitch(membership=alice, **texts, accepts_votes=True, by=Actor(alice.user))

    assert together(*[lambda n=n: save(n) for n in range(8)]) == []
    assert Pitch.objects.filter(membership=alice).count() == 1


def test_reporting_in_parallel_keeps_one_report_of_each_member(election):
    _conference, alice, bob, carol = election

    def report(by):
        about = {"subject": "profile", "reason": "insult", "text": ""}
        report_member(membership=alice, **about, by=Actor(by.user))

    assert together(*[lambda by=by: report(by) for by in (bob, carol) * 4]) == []
    assert Report.objects.count() == 2


def test_report_sent_while_the_reports_are_dismissed_is_settled_or_waits(election, roles):
    _conference, alice, bob, carol = election
    about = {"membership": alice, "subject": "profile"}
    words = {"reason": "insult", "text": ""}
    report_member(**about, **words, by=Actor(bob.user))
    organiser = Actor(make_organiser("racing@example.org"))
    errors = together(
        lambda: dismiss_reports(**about, note="A joke.", by=organiser),
        lambda: report_member(**about, **words, by=Actor(carol.user)),
    )
    assert errors == []
    assert Report.objects.get(reported_by=bob.user).outcome == "dismissed"
    late = Report.objects.get(reported_by=carol.user)
    assert (late.settled_at is None) == (late.outcome == "")


def test_importing_a_file_in_parallel_adds_its_rows_once(db):
    rows = b"name,startDate,endDate\nOne,2027-05-01,2027-05-02\nTwo,2027-06-01,2027-06-02\n"
    errors = together(*[lambda: import_conferences(content=rows, name="rows.csv", by=Actor.of_command())] * 6)
    assert Conference.objects.count() == 2
    assert all(isinstance(error, ValidationError) for error in errors)


def test_leaving_while_being_chosen_leaves_no_speaker_who_left(election, roles):
    conference, alice, bob, _carol = election
    organiser = make_organiser("racing@example.org")
    make_vote(alice, bob)
    together(
        lambda: actions.leave_conference(membership=bob, by=Actor(bob.user)),
        lambda: close_and_decide(conference=conference, candidate=bob, by=organiser),
    )
    assert not Decision.objects.current().filter(speaker__left_at__isnull=False).exists()


def test_two_organisers_at_once_make_one_decision(election, roles):
    conference, alice, bob, carol = election
    make_vote(alice, bob)
    actions.close_voting(conference=conference)
    both = [make_organiser(f"racing{n}@example.org") for n in (1, 2)]
    errors = together(
        *(
            lambda c=c, by=by: actions.decide_speaker(
                conference=conference, candidate=c, by=Actor(by), reason="So."
            )
            for c, by in zip((bob, carol), both, strict=True)
        )
    )
    assert [str(error) for error in errors] == ["['A speaker has already been chosen for this conference.']"]
    assert Decision.objects.count() == 1


def test_an_exclusion_at_the_close_is_counted_or_refused(election):
    conference, alice, bob, carol = election
    make_vote(alice, bob)
    make_vote(bob, carol)
    together(
        lambda: exclude_member(membership=alice, by=Actor.of_command(), reason="Another person."),
        lambda: actions.close_voting(conference=conference),
    )
    published = PublishedBallots.objects.get()
    assert published.result["participants"] == Vote.objects.filter(election=conference.election).count()
    alice.refresh_from_db()
    assert (alice.excluded_at is None) == Vote.objects.filter(voter=alice).exists()


def test_publishing_in_parallel_publishes_once(election):
    conference, alice, bob, _carol = election
    make_vote(alice, bob)
    actions.close_voting(conference=conference)
    PublishedBallots.objects.all().delete()
    assert together(*[lambda: publish_ballots(conference=conference)] * 6) == []
    assert PublishedBallots.objects.count() == 1


def first_looks_after_the_close(election):
    """Six requests at once see that the window is over and that nothing is published."""
    conference, alice, bob, _carol = election
    make_vote(alice, bob)
    Election.objects.update(closes_at=timezone.now())
    seen = []
    conference.refresh_from_db()
    errors = together(*[lambda: seen.append(ensure_published(conference).digest)] * 6)
    return errors, set(seen), PublishedBallots.objects.count()


def test_first_looks_after_the_close_publish_once(election):
    errors, seen, published = first_looks_after_the_close(election)
    assert (errors, len(seen), published) == ([], 1, 1)


def test_control_without_the_lock_first_looks_after_the_close_collide(election, monkeypatch):
    def unlocked(number):
        barrier.wait(10)
        election = Election.objects.select_related("conference").get(pk=number)
        election.conference.as_of = database_now()
        return election

    barrier = threading.Barrier(6)
    monkeypatch.setattr(receipts, "lock_election", unlocked)
    errors, _seen, published = first_looks_after_the_close(election)
    assert errors != []
    assert published == 1


def test_account_deleted_at_the_close_is_counted_or_gone(election):
    """Deleting waits for the publication or comes before it: electorate, votes and names belong together."""
    _conference, alice, bob, carol = election
    make_vote(alice, bob)
    make_vote(carol, bob)
    Election.objects.update(closes_at=timezone.now() + timedelta(milliseconds=150))
    together(
        lambda: delete_account(by=Actor(alice.user)),
        lambda: (threading.Event().wait(0.15), ensure_published(Conference.objects.get())),
    )
    result = ensure_published(Conference.objects.get()).result
    assert (result["electorate"], result["participants"]) in ((3, 2), (2, 1))
