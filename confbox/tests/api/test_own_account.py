"""A person's own account, as their programs read and change it."""

import base64
import io

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from PIL import Image

from accounts.actors import Actor
from accounts.linked_addresses import link_address
from accounts.models import LinkedAddress
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.limits import heavy_work_lock
from confbox.tests.api.answers import fields, kind
from confbox.tests.api.calls import Program
from conferences.api_access.models import ApiToken
from conferences.tests.api_tokens import stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org", name="Dora Quist", profession="Nurse", bio="**Hello**")


@pytest.fixture
def program(dora):
    return Program(dora)


# --- profile and settings ----------------------------------------------------------------------


def test_profile_is_read_and_only_what_is_sent_is_changed(program, dora):
    changed = program.post("people/profile/", {"profession": "Teacher", "shows_bio": False})
    assert changed.status_code == 200, changed.content
    assert changed.json() == program.get("people/profile/").json()
    dora.refresh_from_db()
    assert (dora.name, dora.profession, dora.bio, dora.shows_bio) == (
        "Dora Quist",
        "Teacher",
        "**Hello**",
        False,
    )


def test_profile_is_checked_by_the_form_of_the_page(program, dora):
    assert fields(program.post("people/profile/", {"name": " ", "phone": "x\ny"})) == ["name", "phone"]
    dora.refresh_from_db()
    assert (dora.name, dora.phone) == ("Dora Quist", "")


@pytest.mark.parametrize("column", ["email", "is_staff", "is_superuser", "password", "id"])
def test_no_other_column_is_changed(program, column):
    assert fields(program.post("people/profile/", {column: "1"})) == [column]


def test_nothing_sent_changes_nothing(program):
    before = program.get("people/profile/").json()
    assert program.post("people/profile/", {}).json() == before
    assert program.post("people/profile/", {"name": None}).json() == before


def test_settings_are_read_and_changed(program):
    changed = {"language": "de", "time_zone": "Asia/Kolkata", "receives_notices": False}
    assert program.post("people/settings/", changed).status_code == 200
    assert program.get("people/settings/").json() == changed | {"receives_campaigns": True}


@pytest.mark.parametrize("wrong", [{"time_zone": "Nowhere"}, {"time_zone": ""}, {"language": "xx"}])
def test_settings_are_checked_by_the_form_of_the_page(program, wrong):
    assert fields(program.post("people/settings/", wrong)) == [*wrong]


def test_language_of_the_browser_is_chosen_by_an_empty_text(program):
    program.post("people/settings/", {"language": "de"})
    assert program.post("people/settings/", {"language": ""}).json()["language"] == ""


def test_token_for_some_conferences_reads_no_profile(dora):
    assert kind(Program(dora, conferences=[]).get("people/profile/")) == "other-conference"


# --- picture -----------------------------------------------------------------------------------


def picture(size=(300, 200)):
    written = io.BytesIO()
    Image.new("RGB", size).save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def test_picture_is_set_and_removed(program, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = program.post("people/profile/picture/", {"picture": picture()})
    assert answer.status_code == 200, answer.content
    url = answer.json()["picture"]
    assert url.startswith(f"{settings.SITE_URL}/media/pictures/")
    assert Client().get(url.removeprefix(settings.SITE_URL)).status_code == 200
    removed = [program.post("people/profile/picture/remove/").json() for _ in range(2)]
    assert removed == [{"outcome": "made"}, {"outcome": "none"}]
    assert program.get("people/profile/").json()["picture"] == ""


def test_what_is_no_picture_is_refused_with_the_sentence_of_the_page(program):
    response = program.post("people/profile/picture/", {"picture": base64.b64encode(b"x" * 99).decode()})
    assert (response.status_code, kind(response)) == (409, "file-refused")
    assert "could not be read as a picture" in response.json()["detail"]


@pytest.mark.parametrize("text", ["ä", "a", "ab c", "a-_b", "AAAA\n"])
def test_what_is_not_base64_is_named(program, text):
    assert fields(program.post("people/profile/picture/", {"picture": text})) == ["picture"]


def test_pictures_have_the_limit_of_the_page(program):
    sent = [program.post("people/profile/picture/", {"picture": ""}).status_code for _ in range(7)]
    assert sent == [409] * 6 + [429]


def test_picture_waits_for_other_heavy_work(program):
    with heavy_work_lock:
        response = program.post("people/profile/picture/", {"picture": picture()})
    assert (response.status_code, kind(response)) == (503, "unavailable")
    assert response.headers["Retry-After"]


# --- one's data --------------------------------------------------------------------------------


def test_token_reads_all_of_ones_data_as_the_page_has_it(program, dora):
    response = program.get("people/export/")
    page = log_in_freshly(Client(), dora).get("/people/export/").json()
    found = response.json()
    assert found["account"]["person"]["email"] == "dora@example.org"
    assert found.keys() == page.keys()
    assert "no-store" in response.headers["Cache-Control"]
    assert program.text not in response.content.decode()


def test_log_in_of_a_browser_has_to_be_a_recent_one(client, dora):
    client.force_login(dora)
    response = client.get("/api/v1/people/export/")
    assert (response.status_code, kind(response)) == (403, "log-in-again")
    assert log_in_freshly(client, dora).get("/api/v1/people/export/").status_code == 200


def test_export_needs_the_scope_for_votes_because_it_has_them(dora):
    assert kind(Program(dora, "read", "campaign").get("people/export/")) == "missing-scope"


def test_export_has_the_limit_of_the_page(program):
    answers = [program.get("people/export/").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


# --- sessions ----------------------------------------------------------------------------------


def logged_in(person):
    return log_in_freshly(Client(), person)


def test_sessions_are_listed_and_one_is_ended_once(program, dora):
    browser = logged_in(dora)
    [session] = program.get("accounts/sessions/").json()["items"]
    assert (session["ip_address"], session["is_current"]) == ("127.0.0.1", False)
    assert program.post(f"accounts/sessions/{session['id']}/end/").json() == {"outcome": "made"}
    assert browser.get("/me/").status_code == 302
    assert program.post(f"accounts/sessions/{session['id']}/end/").status_code == 404


def test_session_of_another_person_is_not_found(program):
    browser = logged_in(make_user("ben@example.org"))
    other = UserSession.objects.get()
    assert program.post(f"accounts/sessions/{other.pk}/end/").status_code == 404
    assert browser.get("/me/").status_code == 200


def test_session_of_the_request_itself_is_not_ended(dora):
    browser = logged_in(dora)
    [session] = browser.get("/api/v1/accounts/sessions/").json()["items"]
    assert session["is_current"] is True
    refused = browser.post(f"/api/v1/accounts/sessions/{session['id']}/end/", content_type="application/json")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This is the session you are in. Log out to end it.",
    )
    assert browser.get("/me/").status_code == 200


def test_ending_all_other_sessions_ends_the_token_too(program, dora):
    browsers = [logged_in(dora) for _ in range(2)]
    assert program.post("accounts/sessions/end-others/").json() == {"ended": 2}
    assert [browser.get("/me/").status_code for browser in browsers] == [302, 302]
    assert program.get("me/").status_code == 401


# --- addresses ---------------------------------------------------------------------------------


@pytest.fixture
def linked(dora):
    link_address(email="ticket@example.org", by=Actor(dora))
    return LinkedAddress.objects.get()


def test_linked_address_is_listed_and_removed_once(program, linked):
    [item] = program.get("accounts/linked-addresses/").json()["items"]
    assert (item["id"], item["email"]) == (linked.pk, "ticket@example.org")
    path = f"accounts/linked-addresses/{linked.pk}/remove/"
    assert program.post(path).json() == {"outcome": "made"}
    assert program.post(path).status_code == 404


def test_linked_address_of_another_person_is_not_found(linked):
    other = Program(make_user("ben@example.org"))
    assert other.get("accounts/linked-addresses/").json()["items"] == []
    assert other.post(f"accounts/linked-addresses/{linked.pk}/remove/").status_code == 404
    assert LinkedAddress.objects.exists()


# --- tokens ------------------------------------------------------------------------------------


def test_tokens_are_listed_without_what_is_sent(program, dora, conference):
    limited = stored(Program(dora, "vote", conferences=[conference]).text)
    response = program.get("accounts/tokens/")
    newest, own = response.json()["items"]
    assert (newest["id"], newest["conferences"], newest["scopes"]) == (limited.pk, ["open-conf"], ["vote"])
    assert (own["conferences"], own["is_active"], own["last_used_from"]) == (None, True, "127.0.0.1")
    text = response.content.decode()
    assert program.text not in text
    assert limited.digest not in text


def test_token_is_ended_once_and_can_be_the_own_one(program, dora):
    other = Program(dora)
    path = f"accounts/tokens/{stored(other.text).pk}/end/"
    assert [program.post(path).json()["outcome"] for _ in range(2)] == ["made", "none"]
    assert other.get("me/").status_code == 401
    assert program.post(f"accounts/tokens/{stored(program.text).pk}/end/").json() == {"outcome": "made"}
    assert program.get("me/").status_code == 401


def test_token_of_another_person_is_not_found(program):
    other = Program(make_user("ben@example.org"))
    number = stored(other.text).pk
    assert program.post(f"accounts/tokens/{number}/end/").status_code == 404
    assert [item["id"] for item in program.get("accounts/tokens/").json()["items"]] != [number]
    assert ApiToken.objects.active().filter(pk=number).exists()
