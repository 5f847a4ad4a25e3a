"""The public page with which a candidate asks for votes."""

import io

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from voting.elections.models import Pitch
from voting.elections.sharing.card import candidate_card
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(alice):
    User.objects.filter(pk=alice.user_id).update(
        phone="+49 555 0199", profession="Secret agent", bio="Private words", picture="pictures/x.webp"
    )
    make_pitch(alice, headline="Queues at night", statement="For members only")
    Pitch.objects.update(shared_at=timezone.now())
    return f"/conferences/open-conf/candidates/{alice.pk}/"


def test_everyone_sees_name_and_headline(client, shared):
    page = parse(client.get(shared))
    assert "Alice" in page.text
    assert "Queues at night" in page.text


@pytest.mark.parametrize(
    "private", ["+49 555 0199", "Secret agent", "Private words", "For members only", "x.webp", "@example.org"]
)
def test_no_one_sees_more_than_that(client, shared, private):
    assert not parse(client.get(shared)).mentions(private)


def test_picture_is_drawn_for_other_sites(client, shared):
    answer = client.get(f"{shared}card.png")
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    cards = parse(client.get(shared)).attributes('meta[property="og:image"]', "content")
    assert [f"{shared}card.png?v=" in card for card in cards] == [True]


def test_search_engines_are_asked_to_stay_away(client, shared):
    assert parse(client.get(shared)).attributes("meta[name=robots]", "content") == ["noindex"]


@pytest.mark.parametrize("path", ["", "card.png"])
@pytest.mark.parametrize(
    "rows",
    [
        lambda: Pitch.objects.update(shared_at=None),
        lambda: Membership.objects.update(left_at=timezone.now()),
        lambda: Membership.objects.update(accepts_votes=False),
        lambda: Membership.objects.update(excluded_at=timezone.now()),
        lambda: Membership.objects.update(pitch_hidden_at=timezone.now()),
        lambda: User.objects.update(is_active=False),
        lambda: Conference.objects.update(status="draft"),
        lambda: Conference.objects.update(status="inactive"),
    ],
    ids=["unshared", "left", "opted out", "excluded", "hidden", "disabled", "draft", "inactive"],
)
def test_a_member_who_cannot_be_voted_for_has_no_page(client, shared, rows, path):
    rows()
    assert client.get(shared + path).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "１２", "abc", "%00"])
def test_strange_number_is_404(client, shared, number):
    assert client.get(f"/conferences/open-conf/candidates/{number}/").status_code == 404


def test_page_under_another_conference_is_404(client, shared, alice):
    assert client.get(f"/conferences/other/candidates/{alice.pk}/").status_code == 404


def test_share_pitch_and_unshare_it(as_alice, alice):
    make_pitch(alice)
    answer = as_alice.post("/conferences/open-conf/pitch/share/", follow=True)
    assert "Your page is now public." in parse(answer).text
    assert f"/conferences/open-conf/candidates/{alice.pk}/" in parse(answer).links
    as_alice.post("/conferences/open-conf/pitch/unshare/")
    assert Pitch.objects.get().shared_at is None


def test_sharing_without_a_pitch_asks_for_one(as_alice, alice):
    answer = as_alice.post("/conferences/open-conf/pitch/share/", follow=True)
    assert "Please write your pitch first." in parse(answer).text
    assert answer.redirect_chain == [("/conferences/open-conf/pitch/", 302)]


def test_writing_a_pitch_shares_nothing(as_alice, alice, client):
    as_alice.post(
        "/conferences/open-conf/pitch/", {"headline": "Mine", "statement": "", "accepts_votes": "on"}
    )
    assert Pitch.objects.get().shared_at is None


def test_pitch_of_a_conference_for_members_only_is_not_shared(as_alice, alice):
    make_pitch(alice)
    Conference.objects.update(visibility="members_only")
    assert not parse(as_alice.get(f"/conferences/open-conf/members/{alice.pk}/")).has("#share")
    page = parse(as_alice.post("/conferences/open-conf/pitch/share/", follow=True))
    assert page.messages == ["Only members see this conference, so a pitch cannot be made public."]
    assert Pitch.objects.get().shared_at is None


def test_shared_pitch_of_a_conference_for_members_only_can_be_made_private(as_alice, alice, client):
    make_pitch(alice)
    Pitch.objects.update(shared_at=timezone.now())
    Conference.objects.update(visibility="members_only")
    share = parse(as_alice.get(f"/conferences/open-conf/members/{alice.pk}/")).part("#share")
    as_alice.post(share.actions[0])
    assert Pitch.objects.get().shared_at is None


@pytest.mark.parametrize("verb", ["share", "unshare"])
def test_a_stranger_can_share_nothing(as_stranger, shared, verb):
    assert as_stranger.post(f"/conferences/open-conf/pitch/{verb}/").status_code == 404
    assert as_stranger.get(f"/conferences/open-conf/pitch/{verb}/").status_code == 405


def test_members_are_led_to_the_vote_and_others_to_join(client, shared, alice, bob, stranger):
    assert "/accounts/signup/?next=/conferences/open-conf/" in parse(client.get(shared)).links
    client.force_login(stranger)
    assert "/conferences/open-conf/join/" in parse(client.get(shared)).actions
    client.force_login(bob.user)
    assert f"/conferences/open-conf/members/{alice.pk}/" in parse(client.get(shared)).links


@pytest.mark.parametrize("name", ["東京 花子", "გიორგი მაისურაძე", "ليلى الحداد", "נועה כהן", "Անի", "สมชาย"])
def test_name_that_cannot_be_drawn_gives_the_card_of_the_conference(alice, name):
    make_pitch(alice)
    alice.user.name = name
    assert candidate_card(alice).title == "Open Conf"


@pytest.mark.parametrize("name", ["क्षमा शर्मा", "Олена Кравченко", "Nguyễn Thùy Linh", "Ελένη", "A\u0301gnes"])
def test_name_that_can_be_drawn_is_on_the_card(alice, name):
    make_pitch(alice)
    alice.user.name = name
    assert candidate_card(alice).title == name
