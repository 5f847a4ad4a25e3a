"""Joining with a code on the site: typed, or by the link that a QR code contains."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import PASSWORD
from confbox.kit.limits import here
from confbox.kit.tests.page import parse
from conferences.joining import guesses
from conferences.models import Conference, JoinCode, Membership
from conferences.tests.admission import code_for, is_member, long_ago, only
from conferences.tests.factories import make_conference, make_membership

pytestmark = pytest.mark.django_db
TYPE_IT = "/conferences/conf-26/join/code/"


@pytest.fixture
def conference(db):
    return only(make_conference(title="Conf 26", slug="conf-26"))


@pytest.fixture
def code(conference):
    return code_for(conference)


def emailed_codes():
    return [match[0] for sent in mail.outbox if (match := re.search(r"\b\d{6}\b", sent.body))]


def link(code):
    return f"/j/{code.code}/"


def test_typed_code_makes_a_member(as_stranger, stranger, conference, code):
    assert parse(as_stranger.get(TYPE_IT)).has_field("code")
    answer = as_stranger.post(TYPE_IT, {"code": f" {str(code).lower()} "}, follow=True)
    assert answer.redirect_chain == [("/conferences/conf-26/", 302)]
    assert parse(answer).messages == ["You joined Conf 26."]
    assert is_member(conference, stranger)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "This field is required."),
        ("12", "A join code has eight letters and digits"),
        ("00000000", "There is no such join code here."),
        ("x" * 5000, "This can have 300 characters at most"),
        ("\ud800" * 8, "character that cannot be stored"),
        ("' OR 1=1 --", "A join code has eight letters and digits"),
    ],
)
def test_wrong_code_is_refused_and_stays_typed(as_stranger, stranger, conference, code, typed, error):
    sent = typed.encode("utf-8", "surrogatepass") if "\ud800" in typed else typed
    page = parse(as_stranger.post(TYPE_IT, {"code": sent}))
    assert error in " ".join(page.errors) or "\ud800" in typed
    assert not is_member(conference, stranger)
    if len(typed) < 20 and "\ud800" not in typed:
        assert page.field("code").get("value", "") == typed


def test_code_of_an_invisible_conference_is_not_asked_for(as_stranger, conference, code):
    Conference.objects.update(status="draft")
    assert as_stranger.get(TYPE_IT).status_code == 404
    assert as_stranger.post(TYPE_IT, {"code": code.code}).status_code == 404


def test_anonymous_reader_of_the_page_logs_in_first(client, conference):
    assert client.get(TYPE_IT)["Location"] == f"/accounts/login/?next={TYPE_IT}"


def test_link_shows_the_conference_and_changes_nothing(as_stranger, conference, code):
    answer = as_stranger.get(link(code))
    page = parse(answer)
    assert (page.heading, page.part("main").buttons) == ("Conf 26", ["Join this conference"])
    assert page.has('meta[name="robots"][content="noindex"]')
    assert "no-cache" in answer["Cache-Control"]
    code.refresh_from_db()
    assert (code.uses, Membership.objects.count()) == (0, 0)


def test_button_of_the_link_makes_a_member_once(as_stranger, stranger, conference, code):
    for _click in range(2):
        answer = as_stranger.post(link(code), follow=True)
        assert answer.redirect_chain[-1] == ("/conferences/conf-26/", 302)
    code.refresh_from_db()
    assert (is_member(conference, stranger), code.uses) == (True, 1)


def test_link_in_small_letters_with_a_hyphen_works(as_stranger, code):
    assert parse(as_stranger.get(f"/j/{str(code).lower()}/")).heading == "Conf 26"


def test_stranger_is_led_through_log_in_and_comes_back(client, stranger, conference, code):
    page = parse(client.get(link(code)))
    assert page.heading == "Conf 26"
    there = f"?next={link(code)}"
    assert {f"/accounts/signup/{there}", f"/accounts/login/{there}"} <= set(page.links)
    typed = {"login": stranger.email, "password": PASSWORD, "next": link(code)}
    assert client.post("/accounts/login/", typed)["Location"] == link(code)


def test_stranger_who_signs_up_comes_back_to_the_link(client, conference, code):
    typed = {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD, "next": link(code)}
    client.post("/accounts/signup/", typed)
    [emailed] = emailed_codes()
    assert client.post("/accounts/signup/code/", {"code": emailed})["Location"] == link(code)
    assert client.post(link(code))["Location"] == "/conferences/conf-26/"
    assert is_member(conference, User.objects.get(email="nia@example.org"))


def test_form_of_a_stranger_whose_session_ended_leads_to_the_log_in(client, conference, code):
    assert client.post(link(code))["Location"] == f"/accounts/login/?next={link(code)}"
    assert not Membership.objects.exists()


def test_link_tells_a_member_that_they_are_one(client, conference, code):
    member = make_membership(conference)
    client.force_login(member.user)
    page = parse(client.get(link(code)))
    assert "You are a member" in page.text
    assert "/conferences/conf-26/" in page.links


@pytest.mark.parametrize("columns", [{"ended_at": "past"}, {"expires_at": "past"}, {"most_uses": 0}])
def test_dead_link_says_so_and_names_no_conference(as_stranger, conference, code, columns):
    columns = {name: long_ago() if value == "past" else value for name, value in columns.items()}
    JoinCode.objects.filter(pk=code.pk).update(**columns)
    for answer in (as_stranger.get(link(code)), as_stranger.post(link(code))):
        page = parse(answer)
        assert (answer.status_code, page.heading) == (404, "This join code does not work")
        assert "ask the organisers for a new one" in page.text
        assert ANY in page.part("main").links
        assert not page.mentions("Conf 26")


@pytest.mark.parametrize("typed", ["00000000", "short", "%00", "x" * 3000, "%F0%9F%98%80"])
def test_link_that_is_no_code_is_answered(client, conference, typed):
    answer = client.get(f"/j/{typed}/")
    assert (answer.status_code, parse(answer).heading) == (404, "This join code does not work")


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_to_a_conference_that_is_not_active_does_not_name_it(as_stranger, code, method):
    Conference.objects.update(status="inactive")
    answer = getattr(as_stranger, method)(link(code))
    page = parse(answer)
    assert (answer.status_code, page.heading) == (404, "This join code does not work")
    assert "This conference is not open to new members." in page.text
    assert not page.mentions("Conf 26")


ANY = "/j/"
UNKNOWN = "There is no such join code here. Please check it, or ask the organisers for a new one."


@pytest.mark.parametrize("typed", [" {lower} ", "{letters}", "https://conf.example.org/j/{plain}/"])
@pytest.mark.parametrize("visibility", ["public", "members_only"])
def test_code_typed_without_its_conference_leads_to_it(as_stranger, stranger, conference, typed, visibility):
    Conference.objects.update(visibility=visibility)
    code = code_for(conference, code="7K3M90X1")
    assert parse(as_stranger.get(ANY)).has_field("code")
    written = typed.format(lower=str(code).lower(), letters="7k3m 9OxI", plain=code.code)
    answer = as_stranger.post(ANY, {"code": written}, follow=True)
    assert answer.redirect_chain == [(link(code), 302)]
    assert parse(answer).heading == "Conf 26"
    assert not is_member(conference, stranger)


def test_code_typed_by_an_anonymous_reader_leads_through_log_in_and_back(client, conference, code):
    answer = client.post(ANY, {"code": code.code}, follow=True)
    assert f"/accounts/signup/?next={link(code)}" in parse(answer).links


@pytest.mark.parametrize("is_logged_in", [True, False])
@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "This field is required."),
        ("12", "A join code has eight letters and digits"),
        ("00000000", UNKNOWN),
        ("x" * 5000, "This can have 300 characters at most"),
    ],
)
def test_wrong_code_without_a_conference_is_refused(client, stranger, is_logged_in, typed, error):
    if is_logged_in:
        client.force_login(stranger)
    answer = client.post(ANY, {"code": typed})
    assert (answer.status_code, error in " ".join(parse(answer).errors)) == (200, True)


@pytest.mark.parametrize(("columns", "why"), [({"ended_at": 1}, "replaced"), ({"expires_at": 1}, "expired")])
def test_dead_code_typed_without_its_conference_says_so_and_does_not_name_it(client, code, columns, why):
    JoinCode.objects.update(**dict.fromkeys(columns, long_ago()))
    page = parse(client.post(ANY, {"code": code.code}))
    assert why in page.errors[0]
    assert not page.mentions("Conf 26")


def test_code_of_a_draft_is_answered_as_a_wrong_one_by_both_doors(client, code):
    Conference.objects.update(status="draft")
    answers, queries = [], []
    for typed in ("00000000", code.code):
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            page = parse(client.post(ANY, {"code": typed}))
        answers.append((page.errors, parse(client.get(f"/j/{typed}/")).part("main").text))
        queries.append([query["sql"].split(" WHERE ")[0] for query in captured.captured_queries])
    assert answers[0] == answers[1]
    assert answers[0][0] == [UNKNOWN]
    assert queries[0] == queries[1]


def test_wrong_codes_without_a_conference_count_as_at_the_other_doors(as_stranger, code, monkeypatch):
    cache.clear()
    monkeypatch.setattr(guesses, "OF_PEOPLE", guesses.Limit("wrong join codes", person="2/h", network="9/h"))
    for number in range(2):
        as_stranger.post(ANY, {"code": f"0000000{number}"})
    refused = as_stranger.post(ANY, {"code": code.code})
    assert refused.status_code == 429
    assert "Too many requests" in " ".join(parse(refused).errors)


def test_wrong_codes_of_strangers_without_a_conference_are_limited(client, code, monkeypatch):
    cache.clear()
    here.clear()
    monkeypatch.setattr(guesses, "OF_STRANGERS", guesses.Limit("of strangers", network="2/h"))
    statuses = [client.post(ANY, {"code": f"0000000{number}"}).status_code for number in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("path", ["/", "/?show=past"])
def test_home_page_leads_to_the_page_for_codes(client, conference, path):
    assert ANY in parse(client.get(path)).part("main").links


def test_my_page_leads_to_the_page_for_codes(as_stranger, stranger, conference):
    assert ANY in parse(as_stranger.get("/me/")).part("main").links
    make_membership(conference, user=stranger)
    assert ANY in parse(as_stranger.get("/me/")).part("main").links


def test_wrong_codes_of_a_person_are_limited(as_stranger, conference, code, monkeypatch):
    cache.clear()
    monkeypatch.setattr(guesses, "OF_PEOPLE", guesses.Limit("wrong join codes", person="3/h", network="9/h"))
    for number in range(3):
        assert as_stranger.post(TYPE_IT, {"code": f"0000000{number}"}).status_code == 200
    refused = as_stranger.post(TYPE_IT, {"code": code.code})
    assert refused.status_code == 429
    assert "Too many requests" in " ".join(parse(refused).errors)
    assert as_stranger.get(link(code)).status_code == 429
    assert not Membership.objects.exists()


def test_wrong_links_of_strangers_are_limited_apart_from_people(client, stranger, code, monkeypatch):
    cache.clear()
    here.clear()
    monkeypatch.setattr(guesses, "OF_STRANGERS", guesses.Limit("of strangers", network="2/h"))
    statuses = [client.get(f"/j/0000000{number}/").status_code for number in range(3)]
    assert statuses == [404, 404, 429]
    client.force_login(stranger)
    assert client.get(link(code)).status_code == 200


def test_what_cannot_be_a_code_and_dead_codes_are_no_guesses(as_stranger, conference, code, monkeypatch):
    cache.clear()
    monkeypatch.setattr(guesses, "OF_PEOPLE", guesses.Limit("wrong join codes", person="1/h"))
    JoinCode.objects.update(ended_at=long_ago())
    for typed in ("12", code.code, "short"):
        assert as_stranger.post(TYPE_IT, {"code": typed}).status_code == 200
    JoinCode.objects.update(ended_at=None)
    assert as_stranger.post(TYPE_IT, {"code": code.code}).status_code == 302
