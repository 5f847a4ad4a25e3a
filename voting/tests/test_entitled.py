"""How many may vote, as pages show it, without reading every member."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.actions import disable_user
from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from confbox.kit.tests.rows_read import rows_read
from conferences.actions import join_conference
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_membership, update_elections
from voting.elections.actions import leave_conference
from voting.elections.election.electorate import SHOWN_AS_ENTITLED
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.roll.actions import add_to_roll, freeze_roll, remove_from_roll
from voting.elections.roll.models import RollEntry
from voting.elections.tally import turnout_of
from voting.tests.listed_figures import in_list
from voting.tests.rolls import freeze_roster

pytestmark = pytest.mark.django_db

COMMAND, REASON = Actor.of_command(), "Another person."


def leave(member):
    leave_conference(membership=member, by=Actor(member.user))


def come_back(member):
    leave(member)
    join_conference(conference=member.conference, by=Actor(member.user))


def leave_excluded(member):
    exclude_member(membership=member, by=COMMAND, reason=REASON)
    leave(member)


def remove(member):
    remove_from_roll(membership=member, by=COMMAND, reason=REASON)


ACTS = {
    "leave": leave,
    "come back": come_back,
    "are excluded": lambda member: exclude_member(membership=member, by=COMMAND, reason=REASON),
    "are excluded and leave": leave_excluded,
    "are disabled": lambda member: disable_user(user=member.user, by=COMMAND, reason=REASON),
    "delete their account": lambda member: delete_account(by=Actor(member.user)),
    "are removed from the roll": remove,
}


def counted(conference):
    """By asking of every member."""
    members = Membership.objects.filter(SHOWN_AS_ENTITLED, conference=conference).count()
    return members + RollEntry.objects.unclaimed().filter(election=conference.pk).count()


def shown(conference):
    listed = in_list(conference)
    conference.refresh_from_db()
    return {listed.member_count, turnout_of(conference).members}


@pytest.fixture
def open_vote(conference):
    before = conference.election.opens_at - timedelta(hours=1)
    gone = {"joined_at": before - timedelta(days=2), "left_at": before - timedelta(days=1)}
    for columns in ({}, {}, {}, gone, {"excluded_at": before}):
        make_membership(conference, **{"joined_at": before} | columns)
    freeze_roll(conference=conference)
    return conference


@pytest.mark.parametrize("act", ACTS)
def test_those_who_may_vote_are_counted_as_one_by_one_when_members(open_vote, act):
    member = open_vote.memberships.filter(roll_entry__isnull=False).first()
    ACTS[act](member)
    assert shown(open_vote) == {counted(open_vote)}


@pytest.mark.parametrize("act", ACTS)
def test_the_lists_of_voters_are_counted_as_one_by_one_when_members(as_organiser, open_vote, act):
    make_membership(open_vote, user=make_user("late@example.org"))
    member = open_vote.memberships.filter(roll_entry__isnull=False).first()
    ACTS[act](member)
    page = f"/admin/voting/votes/{open_vote.pk}/roll/"
    shown = [as_organiser.get(f"{page}?show={show}").context for show in ("on", "off", "unreachable")]
    names = [str(number) for _show, _name, number in shown[0]["lists"]]
    assert names == [str(each["page"].paginator.count) for each in shown]


def test_members_who_come_later_are_counted_by_the_rules(open_vote):
    update_elections(open_vote, late_joiners="may_not_vote")
    late = make_membership(open_vote)
    assert shown(open_vote) == {3}
    add_to_roll(membership=late, by=COMMAND, reason=REASON)
    assert shown(open_vote) == {4} == {counted(open_vote)}


def test_those_on_the_roster_who_have_not_joined_are_counted(conference):
    freeze_roster(conference)
    assert shown(conference) == {2} == {counted(conference)}


def test_those_who_were_removed_before_they_joined_are_not(conference):
    freeze_roster(conference)
    RollEntry.objects.unclaimed().update(removed_at=conference.now)
    assert shown(conference) == {1} == {counted(conference)}


@pytest.mark.parametrize("act", ACTS)
def test_before_the_roll_is_fixed_and_after_voting_has_closed_they_are_counted_as_well(open_vote, act):
    Election.objects.update(roll_frozen_at=None, roll_size=None)
    assert shown(open_vote) == {counted(open_vote)}
    Election.objects.update(roll_frozen_at=open_vote.now, roll_size=3)
    ACTS[act](open_vote.memberships.filter(roll_entry__isnull=False).first())
    hour = timedelta(hours=1)
    Election.objects.update(opens_at=open_vote.now - 2 * hour, closes_at=open_vote.now - hour)
    assert shown(open_vote) == {counted(open_vote)}


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB says how many rows it read")
def test_no_member_is_read_who_counts(as_organiser, conference):
    make_crowd(conference, 2000)
    Membership.objects.update(joined_at=conference.election.opens_at - timedelta(hours=1))
    freeze_roll(conference=conference)
    conference.refresh_from_db()
    disable_user(user=conference.memberships.last().user, by=COMMAND, reason=REASON)
    with rows_read() as few:
        found = turnout_of(conference).members
    with rows_read() as all_of_them:
        assert found == counted(conference) == 1999
    assert few.read < 100
    assert all_of_them.read > 2000
