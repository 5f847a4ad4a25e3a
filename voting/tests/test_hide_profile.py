"""Hiding picture, profession and bio of a member in one conference: never in another one."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.elections.models import Vote
from voting.elections.moderation.hiding import hide_profile, restore_profile
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
REASON = "The picture is not of a person."
PRIVATE = ["face.webp", "Secret agent", "Licence to bill"]


@pytest.fixture
def shown(bob):
    User.objects.filter(pk=bob.user_id).update(
        picture="pictures/face.webp",
        profession="Secret agent",
        bio="Licence to bill",
        shows_profession=True,
        shows_bio=True,
    )
    make_pitch(bob)
    return bob


def hide(member, by=None):
    return hide_profile(membership=member, reason=REASON, by=by or Actor.of_command())


def mentioned(client, path):
    page = parse(client.get(path))
    return [words for words in PRIVATE if page.mentions(words)]


@pytest.mark.parametrize(
    "path",
    ["members/{0}/", "members/", "ballot/", "/people/{1}/"],
    ids=["member", "members", "ballot", "person"],
)
def test_hidden_profile_is_on_no_page_of_the_conference(as_alice, shown, path):
    path = path.format(shown.pk, shown.user_id)
    url = path if path.startswith("/") else f"/conferences/open-conf/{path}"
    assert mentioned(as_alice, url) != []
    hide(shown)
    assert mentioned(as_alice, url) == []
    assert parse(as_alice.get(url)).mentions("Bob")


def test_it_stays_in_other_conferences(as_alice, alice, shown):
    other = make_conference(slug="other", voting="open")
    make_membership(other, user=alice.user)
    there = make_membership(other, user=shown.user)
    hide(shown)
    assert mentioned(as_alice, f"/conferences/other/members/{there.pk}/") == PRIVATE
    assert mentioned(as_alice, f"/people/{shown.user_id}/") == PRIVATE


def test_no_one_finds_the_member_by_a_hidden_profession(as_alice, shown):
    url = "/conferences/open-conf/members/?q=agent"
    assert parse(as_alice.get(url)).mentions("Bob")
    hide(shown)
    assert not parse(as_alice.get(url)).mentions("Bob")


def test_votes_are_not_affected(alice, shown):
    make_vote(alice, shown)
    hide(shown)
    assert Vote.objects.valid().count() == 1


def test_member_gets_the_reason_once_and_reads_it_on_their_page(client, shown):
    assert [hide(shown), hide(shown)] == [Change.MADE, Change.NONE]
    assert [REASON in message.body for message in mail.outbox] == [True]
    client.force_login(shown.user)
    page = parse(client.get(f"/conferences/open-conf/members/{shown.pk}/"))
    assert REASON in page.part("#hidden-profile").text


def test_candidate_does_not_hide_the_profile_of_a_rival(conference, shown):
    rival = make_membership(conference, user=make_team_member(conference, Role.REVIEWER).person)
    with pytest.raises(ValidationError, match="You can be voted for yourself"):
        hide(shown, Actor(rival.user))


def test_no_one_shows_their_own_profile_again(shown):
    hide(shown)
    with pytest.raises(ValidationError, match="your own page"):
        restore_profile(membership=shown, by=Actor(shown.user))


def test_reviewer_hides_a_profile_and_shows_it_again(client, conference, shown):
    log_in_freshly(client, make_team_member(conference, Role.REVIEWER).person)
    start = f"/admin/conferences/conference/{conference.pk}/moderation/"
    link = f"{start}{shown.pk}/person/"
    assert link in parse(client.get(f"{start}?q=bob")).links
    client.post(link, {"act": "hide", "reason": REASON})
    client.post(link, {"act": "show"})
    assert list(AdminAct.objects.order_by("pk").values_list("act", flat=True)) == [
        "hide profile",
        "show profile again",
    ]
    shown.refresh_from_db()
    assert shown.profile == shown.user


def test_reviewer_does_not_find_a_member_whom_no_one_may_see(client, conference):
    unseen = make_membership(conference, name="Ursula", is_listed=False)
    log_in_freshly(client, make_team_member(conference, Role.REVIEWER).person)
    start = f"/admin/conferences/conference/{conference.pk}/moderation/"
    assert not parse(client.get(f"{start}?q=ursula")).mentions("member-")
    assert client.get(f"{start}{unseen.pk}/person/").status_code == 404
