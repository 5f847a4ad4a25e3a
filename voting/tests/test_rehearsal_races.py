"""Requests and workers at once, each on a connection of its own."""

from itertools import count

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.models import User
from confbox.kit.outcomes import Change
from conferences.models import Conference
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.actions import end_rehearsal, start_rehearsal
from voting.rehearsal.playing import play_rehearsals
from voting.tests.test_timetable_races import at_once
from voting.tests.timetable import MINUTE, pass_time

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def test_a_rehearsal_that_several_start_at_once_is_one():
    conference = make_conference()
    by = Actor(make_team_member(conference).person)
    outcomes = []
    at_once(lambda: outcomes.append(start_rehearsal(conference=conference, by=by)))
    assert outcomes.count(Change.MADE) == 1
    assert Conference.objects.filter(rehearses=conference).count() == 1


def test_workers_that_play_one_at_once_do_each_step_once():
    conference = make_conference()
    by = Actor(make_team_member(conference).person)
    start_rehearsal(conference=conference, by=by)
    twin = Conference.objects.get(rehearses=conference)
    for minutes in (0.9, 2.9):
        pass_time(twin, minutes * MINUTE)
        freeze_opened_rolls()
        at_once(play_rehearsals)
    assert twin.memberships.count() == 21
    assert Vote.objects.filter(election=twin.pk).count() == 17


def test_a_rehearsal_that_is_ended_while_workers_play_it_is_gone():
    conference = make_conference()
    by = Actor(make_team_member(conference).person)
    start_rehearsal(conference=conference, by=by)
    twin = Conference.objects.get(rehearses=conference)
    pass_time(twin, 0.9 * MINUTE)
    first = count()
    at_once(lambda: end_rehearsal(conference=conference, by=by) if next(first) == 2 else play_rehearsals())
    assert not Conference.objects.rehearsals().exists()
    assert not User.objects.invented().exists()
