"""A duplicate whose vote is open, and in which no one has voted."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.merging.actions import merge_conferences
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series
from voting.elections.actions import cast_vote, withdraw_vote
from voting.elections.models import Vote
from voting.elections.roll.actions import freeze_roll, remove_from_roll
from voting.elections.roll.models import RollEntry
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db


def joined_before(conference):
    return make_membership(conference, joined_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def stays():
    return make_conference(title="Kept", slug="kept", voting="scheduled")


@pytest.fixture
def duplicate():
    return make_conference(title="Twin", slug="twin", voting="open")


@pytest.fixture
def dora(duplicate):
    member = joined_before(duplicate)
    freeze_roll(conference=duplicate)
    return member


@pytest.fixture
def merge(duplicate, stays, organiser):
    return lambda: merge_conferences(duplicate=duplicate, stays=stays, address="twin", by=Actor(organiser))


def open_vote(conference, **rules):
    update_elections(conference, opens_at=timezone.now() - timedelta(hours=1), **rules)
    conference.refresh_from_db()


def refused(merge):
    with pytest.raises(ValidationError) as refusal:
        merge()
    assert Conference.objects.filter(slug="twin").exists()
    return refusal.value.messages[0]


def test_it_is_merged_with_its_list_of_voters(merge, dora, stays):
    assert RollEntry.objects.get().membership == dora
    merge()
    dora.refresh_from_db()
    assert (dora.conference, RollEntry.objects.count()) == (stays, 0)


def test_its_members_vote_at_the_one_that_stays(merge, dora, stays):
    other = joined_before(stays)
    open_vote(stays)
    merge()
    assert RollEntry.objects.get(membership=dora).kind == "late"
    cast_vote(by=Actor(dora.user), slug="kept", candidate_id=other.pk)
    assert Vote.objects.get().election_id == stays.pk


def test_so_do_those_on_its_roster_who_have_not_joined(merge, duplicate, stays):
    update_elections(duplicate, who_votes="roster")
    entry = make_entry(duplicate, "ada@example.org")
    duplicate.refresh_from_db()
    freeze_roll(conference=duplicate)
    merge()
    entry.refresh_from_db()
    assert (entry.conference, RollEntry.objects.count()) == (stays, 0)


def test_a_vote_that_was_withdrawn_keeps_no_one(merge, dora, duplicate):
    other = joined_before(duplicate)
    make_vote(dora, other)
    assert "members have voted" in refused(merge)
    withdraw_vote(conference=duplicate, by=Actor(dora.user))
    merge()
    assert not Conference.objects.filter(slug="twin").exists()


def test_who_was_taken_off_its_list_does_not_vote_by_a_merge(merge, dora, organiser):
    remove_from_roll(membership=dora, by=Actor(organiser), reason="Twice.")
    assert "changed who can vote" in refused(merge)


@pytest.mark.parametrize(("rules", "is_merged"), [("may_vote", True), ("may_not_vote", False)])
def test_alone_one_ends_no_vote_of_members_who_could_not_vote_elsewhere(
    merge, dora, duplicate, stays, rules, is_merged
):
    Conference.objects.update(series=make_series(needs_consent=["window"]))
    open_vote(stays, late_joiners=rules)
    if is_merged:
        merge()
    else:
        assert "a second person has to confirm what ends an open vote" in refused(merge)


def test_alone_one_merges_an_open_vote_without_members(merge, duplicate, stays):
    Conference.objects.update(series=make_series(needs_consent=["window", "roll"]))
    open_vote(stays)
    merge()
    assert not Conference.objects.filter(slug="twin").exists()


def test_the_page_says_that_its_vote_ends(as_organiser, dora, duplicate, stays):
    url = f"/admin/conferences/conference/{duplicate.pk}/merge/{stays.pk}/"
    assert "Voting at Twin is open, and no one has voted. It ends." in parse(as_organiser.get(url)).text


def test_both_open_the_one_with_votes_stays(merge, dora, stays):
    open_vote(stays)
    make_vote(joined_before(stays), joined_before(stays))
    merge()
    assert Vote.objects.count() == 1
