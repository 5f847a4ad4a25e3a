"""Owners who leave, remove each other or accept at the same time, each on a connection of their own."""

from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection

from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences.models import Role, TeamInvitation, TeamMember
from conferences.teams import actions
from conferences.tests.factories import make_conference
from conferences.tests.teams import acting, make_series, make_team_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def at_once(acts):
    finished = [thread.finish() for thread in [InThread(act) for act in acts]]
    return [thread.error or thread.result for thread in finished]


def left_after_all_owners_leave(scope, number=4):
    owners = [make_team_member(scope, Role.OWNER) for _ in range(number)]
    results = at_once([lambda m=m: actions.leave_team(member=m, by=acting(m)) for m in owners])
    return TeamMember.objects.of_team(scope).count(), results


@pytest.mark.parametrize("make_scope", [make_series, make_conference])
def test_of_owners_who_leave_at_once_one_stays(make_scope):
    left, results = left_after_all_owners_leave(make_scope())
    assert left == 1
    assert sorted(type(result) for result in results if result is not Change.MADE) == [ValidationError]


def test_control_without_the_lock_no_owner_is_left_or_one_gets_an_error(monkeypatch):
    looked = Barrier(4)

    def look_without_a_lock(member):
        assert TeamMember.objects.of_team(member.scope).owners().exclude(pk=member.pk).exists()
        looked.wait(10)

    monkeypatch.setattr(actions, "_lock_team", lambda _scope: None)
    monkeypatch.setattr(actions, "refuse_without_owner", look_without_a_lock)
    left, results = left_after_all_owners_leave(make_series())
    assert left == 0 or any(isinstance(result, OperationalError) for result in results)


def test_of_owners_who_remove_each_other_at_once_one_stays():
    scope = make_series()
    one, two = (make_team_member(scope, Role.OWNER) for _ in range(2))
    acts = [
        lambda a=a, b=b: actions.remove_from_team(member=a, by=acting(b)) for a, b in ((one, two), (two, one))
    ]
    results = at_once(acts)
    assert TeamMember.objects.of_team(scope).count() == 1
    assert sorted(type(result).__name__ for result in results) == ["Change", "ValidationError"]


def test_of_the_last_owners_of_a_conference_and_of_its_series_one_stays():
    series = make_series()
    conference = make_conference(series=series)
    members = [make_team_member(scope, Role.OWNER) for scope in (series, conference)]
    at_once([lambda m=m: actions.leave_team(member=m, by=acting(m)) for m in members])
    assert TeamMember.objects.filter(series=series).count() == 1


@pytest.mark.parametrize("make_scope", [make_series, make_conference])
def test_an_invitation_accepted_in_several_browsers_at_once_makes_one_member(make_scope):
    scope = make_scope()
    owner = make_team_member(scope, Role.OWNER)
    guest = make_team_member(make_series()).person
    invitation = actions.invite_to_team(scope=scope, email=guest.email, role="reviewer", by=acting(owner))
    by = acting(TeamMember(person=guest))
    found = at_once([lambda: actions.accept_invitation(invitation=invitation, by=by)] * 6)
    assert len({member.pk for member in found}) == 1
    assert TeamMember.objects.of_team(scope).filter(person=guest).count() == 1


def test_an_address_invited_by_several_at_once_has_one_invitation_that_works():
    scope = make_series()
    owner = make_team_member(scope, Role.OWNER)
    invite = {"scope": scope, "email": "guest@example.org", "role": "reviewer", "by": acting(owner)}
    at_once([lambda: actions.invite_to_team(**invite)] * 5)
    assert TeamInvitation.objects.unanswered().count() == 1


def test_a_series_that_several_create_at_once_is_created_once():
    person = make_team_member(make_series()).person
    by = acting(TeamMember(person=person))
    found = at_once([lambda: actions.create_series(name="Guild", slug="guild", by=by)] * 5)
    assert sum(isinstance(result, ValidationError) for result in found) == 4
