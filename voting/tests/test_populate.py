from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import F

from accounts.models import User
from confbox.kit.mailbox_digests import mailbox_digest
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference
from voting.elections.election.models import Election
from voting.elections.models import Pitch, Vote
from voting.elections.receipts.tracker import tracker_of
from voting.elections.roll.actions import freeze_opened_rolls
from voting.elections.tally import tally_of

pytestmark = pytest.mark.django_db


def populate(members=200, **options):
    out, err = StringIO(), StringIO()
    call_command("populate", members=members, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def snapshot():
    return (
        list(User.objects.order_by("email").values_list("email", "name", "profession", "bio")),
        list(Pitch.objects.order_by("pk").values_list("membership__user__email", "headline", "statement")),
        list(Vote.objects.order_by("pk").values_list("voter__user__email", "candidate__user__email")),
    )


def test_people_join_one_conference_whose_voting_is_open_and_vote():
    populate()
    conference = Conference.objects.get()
    tally = tally_of(conference)
    assert conference.election.is_open()
    assert tally.members == 200
    assert 80 < tally.votes < 180
    assert tally.standings[0].votes > 2 * tally.standings[-1].votes


@pytest.mark.slow
def test_everyone_is_valid_and_confirmed():
    populate()
    for row in [*User.objects.all(), *Pitch.objects.all(), *Vote.objects.all()]:
        row.full_clean(exclude=["password"])
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 200


def test_everyone_has_the_mailbox_that_joining_gives():
    elsewhere = make_conference(slug="one-each")
    make_conference(slug="several", one_account_per_mailbox=False)
    populate()
    members = Membership.objects.filter(conference__one_account_per_mailbox=True).select_related("user")
    assert {m.mailbox == mailbox_digest(m.user.email) for m in members} == {True}
    assert members.filter(conference=elsewhere).exists()
    several = Membership.objects.filter(conference__slug="several")
    assert set(several.values_list("mailbox", flat=True)) == {None}


def test_no_one_voted_before_they_had_joined():
    populate()
    assert Vote.objects.exists()
    assert not Vote.objects.filter(cast_at__lte=F("voter__joined_at")).exists()


def test_everyone_is_on_the_roll_that_is_frozen_at_the_opening():
    populate()
    freeze_opened_rolls()
    assert Election.objects.get().roll_size == 200


def test_names_come_from_many_scripts():
    populate()
    scripts = {user.name[0] > "\u0250" for user in User.objects.all()}
    assert scripts == {True, False}
    assert User.objects.values("name").distinct().count() > 180


def test_running_it_again_adds_nothing():
    populate()
    before = snapshot()
    out, _err = populate()
    assert out.strip() == ("Added 0 people, 0 memberships, 0 memberships elsewhere, 0 pitches, 0 votes.")
    assert snapshot() == before


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    populate(seed=3)
    first = snapshot()
    for model in (Vote, Pitch, Membership, EmailAddress, User):
        model.objects.all().delete()
    populate(seed=3)
    assert snapshot() == first
    populate(seed=4)
    assert User.objects.count() == 400


def test_more_members_are_added_to_those_who_are_there():
    populate(members=50)
    populate(members=80)
    assert Membership.objects.count() == 80


def test_some_people_join_other_conferences_too():
    other = make_conference()
    populate()
    assert 20 < other.memberships.count() < 60


def test_a_conference_whose_voting_is_closed_gets_no_votes():
    conference = make_conference(voting="closed")
    populate(conference=conference.slug)
    assert conference.memberships.count() == 200
    assert not Vote.objects.exists()


def test_votes_have_receipts():
    populate()
    vote = Vote.objects.all()[0]
    expected = tracker_of(conference_id=vote.election_id, member_id=vote.pk, nonce=vote.nonce)
    assert vote.tracker == expected


def test_progress_goes_to_the_error_output():
    _out, err = populate()
    assert "people: 200 of 200" in err
    assert "votes: " in err


def test_no_one_can_log_in_without_a_password_given(settings):
    populate(members=1)
    assert not User.objects.get().has_usable_password()


def test_everyone_logs_in_with_the_password_given():
    populate(members=1, password="correct-horse-battery")
    assert authenticate(None, email=User.objects.get().email, password="correct-horse-battery")


@pytest.mark.parametrize(
    "options", [{"members": 0}, {"members": -5}, {"members": 10**7}, {"seed": -1}, {"conference": "missing"}]
)
def test_nonsense_is_refused_and_nothing_is_written(options):
    with pytest.raises(CommandError):
        populate(**options)
    assert not User.objects.exists()


@pytest.mark.parametrize("members", [1, 2, 3])
def test_the_smallest_platforms_work(members):
    populate(members=members)
    assert Membership.objects.count() == members
