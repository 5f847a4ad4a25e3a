"""Whatever happens during a rehearsal, it is removed, and the worker goes on with it after a restart."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from accounts.actors import Actor
from accounts.models import User
from accounts.my_data.actions import delete_account
from accounts.my_data.export import everything_about
from confbox.kit.outcomes import Change
from conferences.actions import publish_conference
from conferences.changes.actions import cancel_conference
from conferences.changes.deletion import delete_conference
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from voting.rehearsal.actions import end_rehearsal, start_rehearsal
from voting.rehearsal.playing import has_rehearsals, let_join, play_rehearsal, play_rehearsals
from voting.rehearsal.script import LASTS, NAMES
from voting.tests.test_rehearsal import play, votes

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def conference(db):
    return make_conference(title="PyCon Example", status="draft", voting=None)


@pytest.fixture
def owner(conference):
    return make_team_member(conference, Role.OWNER).person


@pytest.fixture
def twin(conference, owner):
    make_team_member(conference, Role.OWNER)
    start_rehearsal(conference=conference, by=Actor(owner))
    return Conference.objects.get(rehearses=conference)


def pass_a_day(twin):
    Conference.objects.filter(pk=twin.pk).update(created_at=twin.created_at - LASTS)
    play_rehearsals()


def is_gone():
    return not Conference.objects.rehearsals().exists() and not User.objects.invented().exists()


def test_it_is_ended_before_voting_opens(conference, owner, twin):
    play(twin, 10)
    assert end_rehearsal(conference=conference, by=Actor(owner)) is Change.MADE
    assert is_gone()


def test_ending_it_twice_changes_nothing(conference, owner, twin):
    end_rehearsal(conference=conference, by=Actor(owner))
    assert end_rehearsal(conference=conference, by=Actor(owner)) is Change.NONE


def publish(conference, owner):
    publish_conference(conference=conference, by=Actor(owner))


def cancel(conference, owner):
    publish_conference(conference=conference, by=Actor(owner))
    cancel_conference(conference=conference, reason="No hall.", by=Actor(owner))


def leave_the_site(conference, owner):
    delete_account(by=Actor(owner))


@pytest.mark.parametrize("happens", [publish, cancel, leave_the_site])
def test_it_goes_on_and_is_removed_after_a_day(conference, owner, twin, happens):
    play(twin, 50)
    happens(conference, owner)
    play(twin, 20)
    play(twin, 150)
    assert votes(twin).count() > 10
    pass_a_day(twin)
    assert is_gone()


def test_it_is_removed_with_its_conference_in_the_middle_of_the_vote(conference, owner, twin):
    play(twin, 50)
    play(twin, 70)
    delete_conference(conference=conference, title=conference.title, by=Actor(owner))
    assert is_gone()


def test_a_worker_that_died_between_two_steps_is_continued(twin):
    play(twin, 45)
    twin.memberships.filter(user__in=User.objects.invented(), pitch=None).delete()
    play(twin, 0)
    assert twin.memberships.filter(user__in=User.objects.invented()).count() == len(NAMES)


def test_a_worker_that_died_while_it_removed_one_leaves_it_whole(conference, owner, twin):
    play(twin, 50)
    with transaction.atomic():
        end_rehearsal(conference=conference, by=Actor(owner))
        transaction.set_rollback(True)
    assert User.objects.invented().count() == len(NAMES)
    pass_a_day(twin)
    assert is_gone()


def test_one_whose_worker_was_down_for_the_whole_vote_is_removed(twin):
    play(twin, 300)
    assert not votes(twin).exists()
    pass_a_day(twin)
    assert is_gone()


def test_a_worker_that_read_it_before_its_end_adds_nothing(conference, owner, twin):
    read = Conference.objects.as_of_now().select_related("election", "rehearses").get(pk=twin.pk)
    end_rehearsal(conference=conference, by=Actor(owner))
    let_join(read)
    play_rehearsal(read)
    assert is_gone()


def test_cancelling_the_rehearsal_notifies_its_team_alone(
    conference, owner, twin, django_capture_on_commit_callbacks
):
    play(twin, 50)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        cancel_conference(conference=twin, reason="To try it.", by=Actor(owner))
    sent = play(twin, 0)
    assert {to for message in [*mail.outbox, *sent] for to in message.to} <= set(
        User.objects.real().values_list("email", flat=True)
    )


def test_worker_finds_out_whether_there_is_one(twin):
    assert has_rehearsals()
    Conference.objects.filter(pk=twin.pk).update(created_at=twin.created_at - LASTS)
    play_rehearsals()
    assert not has_rehearsals()


def test_the_download_of_ones_data_has_nothing_of_it(conference, owner, twin):
    play(twin, 50)
    data = everything_about(owner)
    del data["account"]
    assert "(rehearsal)" not in repr(data)
    assert data["conferences"] == []
    assert len(data["teams"]) == 1
