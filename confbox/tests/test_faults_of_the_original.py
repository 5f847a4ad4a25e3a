"""The faults of the system that this one replaces, each with a test that it stays fixed.

Campaigns and the API are tested in their own apps; these tests cover people, joining, voting and the
decision.
"""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.models import Vote
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, make_vote

pytestmark = pytest.mark.django_db
User = get_user_model()


def test_sign_up_cannot_name_a_role(client, mailoutbox):
    columns = {"name": "Mallory", "email": "mallory@example.org", "password1": PASSWORD}
    roles = {"role": "admin", "is_staff": "1", "is_superuser": "1", "groups": "1", "is_active": "1"}
    client.post("/accounts/signup/", columns | roles)
    code = code_in(mailoutbox[0])
    client.post("/accounts/signup/code/", {"code": code} | roles)
    user = User.objects.get(email="mallory@example.org")
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


def test_setting_the_speaker_uses_columns_that_exist(conference, alice, bob, organiser):
    make_vote(alice, bob)
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert Conference.objects.get().election.speaker == bob


def test_the_tally_is_shown_when_no_one_has_voted(conference, alice):
    assert tally_of(conference).standings == []


def test_an_address_belongs_to_one_person(db):
    make_user("one@example.org")
    with pytest.raises(IntegrityError):
        make_user("one@example.org")


def test_joining_twice_is_one_membership_and_one_vote(as_stranger, stranger, conference, alice, bob):
    for _ in range(2):
        as_stranger.post("/conferences/open-conf/join/")
    assert Membership.objects.filter(user=stranger).count() == 1
    as_stranger.post("/conferences/open-conf/vote/", {"candidate": alice.pk})
    as_stranger.post("/conferences/open-conf/vote/", {"candidate": bob.pk})
    assert Vote.objects.count() == 1


def test_the_database_refuses_a_second_membership(conference, alice):
    with pytest.raises(IntegrityError):
        Membership.objects.create(conference=conference, user=alice.user)


def start_signup(client):
    columns = {"name": "New", "email": "new@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", columns)


def code_in(message):
    return next(word for word in message.body.split() if word.isdigit() and len(word) == 6)


@pytest.mark.parametrize("hours", [1, 2, 24])
def test_a_code_does_not_become_valid_again_in_a_later_hour(client, mailoutbox, hours):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        start_signup(client)
        clock.shift(timedelta(hours=hours, minutes=1))
        client.post("/accounts/signup/code/", {"code": code_in(mailoutbox[0])})
        assert not User.objects.filter(email="new@example.org", emailaddress__verified=True).exists()


def test_a_code_cannot_be_tried_without_limit(client, mailoutbox):
    start_signup(client)
    right = code_in(mailoutbox[0])
    wrong = [f"{n:06d}" for n in range(10) if f"{n:06d}" != right][:5]
    for code in wrong:
        client.post("/accounts/signup/code/", {"code": code})
    client.post("/accounts/signup/code/", {"code": right})
    assert not User.objects.filter(email="new@example.org", emailaddress__verified=True).exists()


def test_the_member_list_shows_no_private_data(as_alice, conference, bob):
    User.objects.filter(pk=bob.user_id).update(phone="+49 30 555 01 02")
    page = parse(as_alice.get("/conferences/open-conf/members/"))
    assert "Bob" in page.text
    for secret in (bob.user.email, "555 01 02", bob.user.password[:12], "argon2", "md5$"):
        assert not page.mentions(secret)


def test_a_members_page_shows_no_private_data(as_alice, bob):
    User.objects.filter(pk=bob.user_id).update(phone="+49 30 555 01 02")
    page = parse(as_alice.get(f"/conferences/open-conf/members/{bob.pk}/"))
    assert not page.mentions(bob.user.email)
    assert not page.mentions("555 01 02")


def test_voting_has_an_end(client):
    conference = make_conference(voting="closed")
    voter, candidate = make_membership(conference), make_membership(conference)
    client.force_login(voter.user)
    client.post(f"/conferences/{conference.slug}/vote/", {"candidate": candidate.pk})
    assert Vote.objects.count() == 0


def test_a_self_vote_does_not_count(as_alice, alice):
    page = as_alice.post("/conferences/open-conf/vote/", {"candidate": alice.pk}, follow=True)
    assert "You cannot vote for yourself." in parse(page).text
    assert Vote.objects.count() == 0


def test_the_database_refuses_a_self_vote(conference, alice):
    with pytest.raises(IntegrityError):
        Vote.objects.create(voter=alice, election=conference.election, candidate=alice)


def test_roles_live_in_the_database(organiser):
    fresh = User.objects.get(pk=organiser.pk)
    assert fresh.has_perm("voting.add_decision")


@pytest.mark.parametrize(
    ("url", "status"),
    [("/conferences/nowhere/", 404), ("/conferences/open-conf/members/", 302), ("/admin/", 302)],
)
def test_not_every_answer_is_200(client, conference, url, status):
    assert client.get(url).status_code == status
