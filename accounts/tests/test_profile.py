"""The person's own profile, what others see of it, and the settings."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse

PROFILE = "/people/profile/"
SETTINGS = "/people/settings/"
DATA = {
    "name": "Dora Quist",
    "profession": "Nurse",
    "shows_profession": "on",
    "bio": "**Hello**",
    "shows_bio": "on",
}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


@pytest.fixture
def as_dora(client, dora):
    client.force_login(dora)
    return client


def test_own_profile_can_be_edited(as_dora, dora):
    assert as_dora.post(PROFILE, DATA | {"phone": "+49 555 0199"}).url == PROFILE
    dora.refresh_from_db()
    assert (dora.name, dora.profession, dora.bio) == ("Dora Quist", "Nurse", "**Hello**")
    assert dora.phone == "+49 555 0199"


@pytest.mark.parametrize(
    "column",
    ["email", "is_staff", "is_superuser", "is_active", "password", "groups", "id", "pk", "date_joined"],
)
def test_nothing_else_of_the_person_can_be_edited(as_dora, dora, column):
    before = User.objects.filter(pk=dora.pk).values(
        "email", "is_staff", "is_superuser", "password", "date_joined"
    )
    kept = dict(before.get())
    as_dora.post(PROFILE, DATA | {column: "1"})
    assert dict(before.get()) == kept
    assert not dora.groups.exists()


def test_no_one_can_edit_another_persons_profile(as_dora, alice):
    as_dora.post(PROFILE, DATA | {"id": alice.user.pk, "user": alice.user.pk})
    assert User.objects.get(pk=alice.user.pk).name == "Alice"


def test_bad_input_is_refused_and_kept_on_the_page(as_dora, dora):
    answer = as_dora.post(PROFILE, DATA | {"name": "\u202e", "bio": "kept words"})
    assert answer.status_code == 200
    assert "kept words" in parse(answer).text
    dora.refresh_from_db()
    assert dora.bio == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""),
        ("name", "x" * 151),
        ("name", "a\x00b"),
        ("name", "a\r\nBcc: b"),
        ("profession", "x" * 151),
        ("phone", "1\n2"),
        ("phone", "x" * 41),
        ("bio", "x" * 65_536),
        ("bio", "a\x00b"),
    ],
)
def test_text_that_does_not_fit_is_refused(as_dora, column, value):
    answer = as_dora.post(PROFILE, DATA | {column: value})
    assert column in answer.context["form"].errors


@pytest.mark.parametrize(
    "text", ["👩‍🔬 𝕬", "e" + "\u0301" * 1000, "{{ 7|add:7 }}{% now 'Y' %}", "\u200bzero\u200b"]
)
def test_text_of_every_script_is_kept_as_it_is(as_dora, dora, text):
    as_dora.post(PROFILE, DATA | {"bio": text})
    assert User.objects.get(pk=dora.pk).bio == text


def member_page(client, conference, membership):
    return parse(client.get(f"/conferences/{conference.slug}/members/{membership.pk}/"))


def test_members_see_what_the_person_shows(as_alice, conference, bob):
    User.objects.filter(pk=bob.user.pk).update(profession="Nurse", bio="*Hello*", phone="+49 555 0199")
    shown = member_page(as_alice, conference, bob)
    assert "Nurse" in shown.text
    assert "Hello" in shown.texts("em")


@pytest.mark.parametrize("choice", ["shows_profession", "shows_bio"])
def test_members_do_not_see_what_the_person_hides(as_alice, conference, bob, choice):
    User.objects.filter(pk=bob.user.pk).update(profession="SecretWord", bio="SecretWord")
    hidden = {"shows_profession": True, "shows_bio": True} | {choice: False}
    User.objects.filter(pk=bob.user.pk).update(**hidden)
    assert member_page(as_alice, conference, bob).source.count("SecretWord") == 1


def test_hidden_profession_is_on_no_list_and_not_found(as_alice, conference, bob):
    User.objects.filter(pk=bob.user.pk).update(profession="SecretWord", shows_profession=False)
    for page in ("members", "ballot"):
        assert not parse(as_alice.get(f"/conferences/{conference.slug}/{page}/")).mentions("SecretWord")
        found = parse(as_alice.get(f"/conferences/{conference.slug}/{page}/?q=SecretWord"))
        assert not found.mentions("Bob")


def test_no_one_else_sees_address_and_phone(as_alice, conference, bob):
    User.objects.filter(pk=bob.user.pk).update(phone="+49 555 0199")
    members = parse(as_alice.get(f"/conferences/{conference.slug}/members/"))
    for shown in (member_page(as_alice, conference, bob), members):
        assert not shown.mentions("0199")
        assert not shown.mentions(bob.user.email)


def test_address_is_never_shown_in_place_of_a_name():
    assert "@" not in str(User(email="dora@example.org"))


def test_settings_are_kept(as_dora, dora):
    data = {"time_zone": "Asia/Kolkata", "language": "en"}
    assert as_dora.post(SETTINGS, data).url == SETTINGS
    dora.refresh_from_db()
    assert (dora.time_zone, dora.language, dora.receives_campaigns) == ("Asia/Kolkata", "en", False)
    assert not dora.receives_notices


@pytest.mark.parametrize(
    ("column", "value"), [("time_zone", "Mars/Base"), ("time_zone", ""), ("language", "xx")]
)
def test_settings_that_do_not_exist_are_refused(as_dora, dora, column, value):
    data = {"time_zone": "UTC", "language": "", "receives_campaigns": "on"} | {column: value}
    assert as_dora.post(SETTINGS, data).status_code == 200


def test_times_of_the_account_are_in_the_persons_zone(client, dora):
    client.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    User.objects.filter(pk=dora.pk).update(time_zone="Asia/Kolkata")
    at = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
    UserSession.objects.filter(user=dora).update(created_at=at, last_seen_at=at)
    assert "15:30" in parse(client.get("/accounts/sessions/")).text


def test_pages_need_a_log_in(client):
    for url in (PROFILE, SETTINGS):
        assert client.get(url).url.startswith("/accounts/login/")


def test_profile_is_for_those_who_share_a_conference(as_alice, bob, conference):
    User.objects.filter(pk=bob.user.pk).update(profession="Nurse", phone="+49 555 0199")
    shown = parse(as_alice.get(f"/people/{bob.user.pk}/"))
    assert "Nurse" in shown.text
    assert "Open Conf" in shown.text
    assert not shown.mentions("0199")
    assert not shown.mentions(bob.user.email)


def test_profile_is_missing_for_everyone_else(as_dora, bob):
    assert as_dora.get(f"/people/{bob.user.pk}/").status_code == 404


def test_profile_of_a_person_who_left_or_was_disabled_is_missing(as_alice, bob, carol):
    from django.utils import timezone

    type(bob).objects.filter(pk=bob.pk).update(left_at=timezone.now())
    User.objects.filter(pk=carol.user.pk).update(is_active=False)
    for other in (bob, carol):
        assert as_alice.get(f"/people/{other.user.pk}/").status_code == 404


def test_own_profile_can_be_seen_as_others_see_it(as_dora, dora):
    assert "Edit my profile" in parse(as_dora.get(f"/people/{dora.pk}/")).text
