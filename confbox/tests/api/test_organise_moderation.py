"""Moderation, emails and accounts, as programs of organisers use them."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_organiser
from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import SCOPES, program_of, program_of_stranger
from conferences.health.models import EmailTest
from conferences.models import Membership, Role
from voting.elections.moderation.models import Report
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
REASON = {"reason": "It is advertising."}


@pytest.fixture
def reviewer(conference):
    return program_of(conference, Role.REVIEWER)


@pytest.fixture
def site(roles):
    return Program(make_organiser("organiser@example.org"), *SCOPES)


@pytest.fixture
def path(conference):
    return f"conferences/{conference.slug}/organise/moderation/"


def report(member, by, subject="profile"):
    shown = {"shown_text": f"{member.user.name}", "reason": "advert", "text": "An advert"}
    return Report.objects.create(
        membership=member,
        reported_by=by.user,
        subject=subject,
        **shown,
        reported_at=timezone.now(),
    )


def stored(member):
    return Membership.objects.get(pk=member.pk)


def test_pitch_is_hidden_and_shown_again(reviewer, path, bob):
    make_pitch(bob)
    [item] = reviewer.get(path).json()["items"]
    assert (item["member_id"], item["pitch_hidden_at"]) == (bob.pk, None)
    one = f"{path}{bob.pk}/pitch/"
    body = REASON | {"seen": item["seen_pitch"]}
    assert [outcome(reviewer.post(f"{one}hide/", body)) for _ in range(2)] == ["made", "none"]
    assert stored(bob).pitch_hidden_reason == REASON["reason"]
    assert outcome(reviewer.post(f"{one}keep/", REASON)) == "none"
    assert [outcome(reviewer.post(f"{one}show/")) for _ in range(2)] == ["made", "none"]
    assert stored(bob).pitch_hidden_at is None


def test_pitch_that_has_changed_since_is_not_hidden(reviewer, path, bob):
    make_pitch(bob)
    response = reviewer.post(f"{path}{bob.pk}/pitch/hide/", REASON | {"seen": "0" * 32})
    assert (response.status_code, stored(bob).pitch_hidden_at) == (409, None)


def test_profile_is_hidden_and_shown_again(reviewer, path, bob):
    one = f"{path}{bob.pk}/profile/"
    assert [outcome(reviewer.post(f"{one}hide/", REASON)) for _ in range(2)] == ["made", "none"]
    assert stored(bob).profile_hidden_at
    assert [outcome(reviewer.post(f"{one}show/")) for _ in range(2)] == ["made", "none"]


def test_hiding_needs_a_reason(reviewer, path, bob):
    make_pitch(bob)
    assert fields(reviewer.post(f"{path}{bob.pk}/pitch/hide/", {"reason": " "})) == ["reason"]


def test_reports_are_listed_without_who_made_them(reviewer, path, alice, bob):
    report(bob, alice)
    response = reviewer.get(f"{path}reports/")
    [item] = response.json()["items"]
    assert (item["member_id"], item["reports"], item["state"]) == (bob.pk, 1, "waiting")
    assert alice.user.name not in response.content.decode()
    assert alice.user.email not in response.content.decode()


def test_reports_are_dismissed_once(reviewer, path, alice, bob):
    report(bob, alice)
    seen = reviewer.get(f"{path}reports/").json()["items"][0]["seen"]
    body = {"subject": "profile", "note": "Only blunt.", "seen": seen}
    assert [outcome(reviewer.post(f"{path}{bob.pk}/dismiss/", body)) for _ in range(2)] == ["made", "none"]
    assert reviewer.get(f"{path}reports/").json()["items"] == []


def test_reports_are_passed_on_and_answered(reviewer, site, path, alice, bob):
    report(bob, alice)
    assert [outcome(reviewer.post(f"{path}{bob.pk}/pass-on/")) for _ in range(2)] == ["made", "none"]
    [item] = site.get("organise/passed-on/").json()["items"]
    assert (item["member_id"], item["state"]) == (bob.pk, "passed_on")
    body = {"outcome": "dismissed", "note": "Only blunt.", "seen": item["seen"]}
    one = f"organise/passed-on/{bob.pk}/"
    assert kind(reviewer.post(one, body)) == "not-permitted"
    assert kind(reviewer.get("organise/passed-on/")) == "not-permitted"
    assert outcome(site.post(one, body)) == "made"
    assert site.get("organise/passed-on/").json()["items"] == []


@pytest.mark.parametrize(
    "act", ["pitch/hide", "pitch/show", "pitch/keep", "profile/hide", "profile/show", "dismiss", "pass-on"]
)
def test_who_may_not_moderate_finds_nothing(path, conference, bob, act):
    make_pitch(bob)
    body = {"subject": "pitch"} if act == "dismiss" else None if act == "pass-on" else REASON
    body = {} if act.endswith("show") else body
    for program in (program_of_stranger(), program_of(conference, Role.HELP_DESK)):
        assert program.post(f"{path}{bob.pk}/{act}/", body).status_code == 404
        assert program.get(path).status_code == 404
        assert program.get(f"{path}reports/").status_code == 404


def test_browser_that_has_not_logged_in_recently_hides_nothing(path, conference, bob):
    make_pitch(bob)
    program_of(conference, Role.REVIEWER)
    program = Program()
    program.client.force_login(conference.team.get().person)
    assert kind(program.post(f"{path}{bob.pk}/pitch/hide/", REASON)) == "log-in-again"


def test_test_email_is_sent_to_who_asks(conference):
    program = program_of(conference, Role.OBSERVER)
    person = conference.team.get().person
    path = f"conferences/{conference.slug}/organise/test-email/"
    response = program.post(path)
    assert response.json() == {"to": person.email}
    assert EmailTest.objects.get().conference_id == conference.pk
    assert (
        program_of_stranger().post(f"conferences/{conference.slug}/organise/test-email/").status_code == 404
    )


def test_failed_emails_are_for_organisers_of_the_site(site, conference):
    owner = program_of(conference)
    decision = {"email": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "act": "again"}
    assert site.get("organise/failed-emails/").json()["items"] == []
    assert outcome(site.post("organise/failed-emails/", decision)) == "none"
    assert fields(site.post("organise/failed-emails/", decision | {"email": "7"})) == ["email"]
    assert kind(owner.get("organise/failed-emails/")) == "not-permitted"
    assert kind(owner.post("organise/failed-emails/", decision)) == "not-permitted"


def test_account_is_disabled_and_enabled(site, bob):
    path = f"organise/people/{bob.user.pk}/"
    assert fields(site.post(f"{path}disable/", {"reason": " "})) == ["reason"]
    assert [outcome(site.post(f"{path}disable/", REASON)) for _ in range(2)] == ["made", "none"]
    assert not User.objects.get(pk=bob.user.pk).is_active
    assert [outcome(site.post(f"{path}enable/", REASON)) for _ in range(2)] == ["made", "none"]


def test_parts_of_a_profile_are_removed(site, bob):
    User.objects.filter(pk=bob.user.pk).update(bio="Buy now!", profession="Seller")
    path, body = f"organise/people/{bob.user.pk}/removal/", REASON | {"parts": ["bio"]}
    assert [outcome(site.post(path, body)) for _ in range(2)] == ["made", "none"]
    person = User.objects.get(pk=bob.user.pk)
    assert (person.bio, person.profession) == ("", "Seller")
    assert fields(site.post(path, REASON | {"parts": []})) == ["parts"]


@pytest.mark.parametrize("act", ["disable", "enable", "removal"])
def test_owners_change_no_account(conference, bob, act):
    body = REASON | ({"parts": ["bio"]} if act == "removal" else {})
    response = program_of(conference).post(f"organise/people/{bob.user.pk}/{act}/", body)
    assert (response.status_code, kind(response)) == (403, "not-permitted")


def test_accounts_are_found_by_email_address_and_without_phone_numbers(site, conference, bob):
    User.objects.filter(pk=bob.user.pk).update(phone="+49 30 1234567")
    response = site.get(f"organise/people/?email={bob.user.email.upper()}")
    [item] = response.json()["items"]
    assert (item["id"], "1234567" in response.content.decode()) == (bob.user.pk, False)
    assert bob.user.email in site.get("organise/people/").content.decode()
    assert kind(program_of(conference).get("organise/people/")) == "not-permitted"
