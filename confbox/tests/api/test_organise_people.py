"""Who may join, and the roster, as programs of the team set them."""

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from confbox.kit.api.pages import cursor_of
from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.organising import program_of, program_of_stranger
from conferences.models import Admission, JoinCode, JoinRequest, Membership, Role, RosterEntry
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db
ADA = {"email": "ada@example.org", "name": "Ada Example", "reference": "T-1"}
TEXT = "Ada Example <ada@example.org>\nBob Example <bob@example.org>\n"


@pytest.fixture
def owner(conference):
    return program_of(conference)


@pytest.fixture
def joining(conference):
    return f"conferences/{conference.slug}/organise/joining/"


@pytest.fixture
def roster(conference):
    return f"conferences/{conference.slug}/organise/roster/"


def emails(response):
    return [item["email"] for item in response.json()["items"]]


def names(response):
    return [item["name"] for item in response.json()["items"]]


def test_team_lists_members_with_their_email_addresses(owner, conference, alice, bob):
    path = f"conferences/{conference.slug}/organise/members/"
    assert emails(owner.get(path)) == [alice.user.email, bob.user.email]
    Membership.objects.filter(pk=bob.pk).update(left_at=timezone.now())
    assert names(owner.get(path)) == [alice.user.name]
    assert names(owner.get(f"{path}?show=left")) == [bob.user.name]
    assert names(owner.get(f"{path}?show=all&q={alice.user.name}")) == [alice.user.name]
    assert program_of(conference, Role.OBSERVER).get(path).status_code == 404
    assert program_of_stranger().get(path).status_code == 404


def test_list_of_the_team_does_not_show_who_voted(owner, conference, alice, bob):
    path = f"conferences/{conference.slug}/organise/members/"
    before = owner.get(path).json()
    make_vote(alice, bob)
    assert owner.get(path).json() == before


def test_rules_for_joining_are_set(owner, joining, conference):
    rules = {"everyone": False, "roster": True, "email_domains": ["Example.org", "bücher.example"]}
    found = owner.post(joining, rules).json()
    assert (found["everyone"], found["email_domains"]) == (False, ["example.org", "bücher.example"])
    stored = Admission.objects.get(conference=conference)
    assert (stored.roster, stored.approval) == (True, False)
    assert owner.get(joining).json()["doubts"] != []


def test_word_that_is_no_domain_is_refused(owner, joining):
    assert fields(owner.post(joining, {"everyone": False, "email_domains": ["no domain!"]})) == [
        "email_domains"
    ]


def test_help_desk_reads_the_rules_and_sets_none(joining, conference):
    program = program_of(conference, Role.HELP_DESK)
    assert program.get(joining).status_code == 200
    assert program.post(joining, {"everyone": False}).status_code == 404


def test_join_code_is_made_renewed_and_ended(owner, joining):
    limits = {"name": "Newsletter", "most_uses": 5, "expires_at": "2099-03-01T08:00:00Z"}
    made = owner.post(f"{joining}codes/", limits).json()
    assert (made["state"], made["expires_at"], made["most_uses"]) == ("usable", "2099-03-01T08:00:00Z", 5)
    new = owner.post(f"{joining}codes/{made['id']}/renew/", {"name": "Slide"}).json()
    assert (new["name"], new["expires_at"]) == ("Slide", None)
    assert owner.post(f"{joining}codes/{made['id']}/renew/", {}).status_code == 409
    assert [outcome(owner.post(f"{joining}codes/{new['id']}/end/")) for _ in range(2)] == ["made", "none"]
    assert [item["state"] for item in owner.get(f"{joining}codes/").json()["items"]] == ["ended", "ended"]


def test_join_code_that_has_expired_is_not_made(owner, joining):
    assert fields(owner.post(f"{joining}codes/", {"expires_at": "2020-03-01T08:00:00Z"})) == ["expires_at"]
    assert not JoinCode.objects.exists()


def test_join_code_of_another_conference_is_not_found(owner, joining):
    code = JoinCode.objects.create(conference=make_conference(), code="AAAABBBB")
    assert owner.post(f"{joining}codes/{code.pk}/end/").status_code == 404


def test_request_to_join_is_answered_once(owner, joining, conference):
    person = make_user("ada@example.org")
    asked = JoinRequest.objects.create(conference=conference, user=person, sentence="Hello")
    [item] = owner.get(f"{joining}requests/").json()["items"]
    assert (item["id"], item["sentence"]) == (asked.pk, "Hello")
    path = f"{joining}requests/{asked.pk}/"
    assert fields(owner.post(path, {"answer": "declined"})) == ["reason"]
    assert [outcome(owner.post(path, {"answer": "accepted"})) for _ in range(2)] == ["made", "none"]
    assert Membership.objects.get(conference=conference).user == person
    assert owner.get(f"{joining}requests/").json()["items"] == []


def test_entry_is_added_changed_removed_and_restored(owner, roster):
    entry = owner.post(roster, ADA).json()
    assert fields(owner.post(roster, ADA)) == ["email"]
    assert owner.post(f"{roster}{entry['id']}/change/", ADA | {"name": "Ada"}).json()["name"] == "Ada"
    assert fields(owner.post(f"{roster}{entry['id']}/remove/", {"reason": ""})) == ["reason"]
    reason = {"reason": "The ticket was returned."}
    assert [outcome(owner.post(f"{roster}{entry['id']}/remove/", reason)) for _ in range(2)] == [
        "made",
        "none",
    ]
    assert owner.get(f"{roster}?state=removed").json()["items"][0]["removal_reason"] == reason["reason"]
    assert [outcome(owner.post(f"{roster}{entry['id']}/restore/")) for _ in range(2)] == ["made", "none"]


def test_roster_is_listed_by_email_address_page_by_page(owner, roster, conference):
    for name in "cab":
        make_entry(conference, f"{name}@example.org")
    first = owner.get(f"{roster}?limit=2")
    assert emails(first) == ["a@example.org", "b@example.org"]
    assert emails(owner.get(f"{roster}?limit=2&cursor={first.json()['next']}")) == ["c@example.org"]
    assert emails(owner.get(f"{roster}?q=b@example")) == ["b@example.org"]


def test_search_in_a_large_roster_is_answered_page_by_page(owner, roster, conference, monkeypatch):
    monkeypatch.setattr("conferences.roster.listing.MOST_WHOLE", 1)
    for name in "abc":
        make_entry(conference, f"person-{name}@example.org")
    first = owner.get(f"{roster}?q=person&limit=2")
    assert len(emails(first)) == 2
    rest = owner.get(f"{roster}?q=person&limit=2&cursor={first.json()['next']}")
    assert sorted(emails(first) + emails(rest)) == [f"person-{name}@example.org" for name in "abc"]
    assert owner.get(f"{roster}?q=person&cursor={cursor_of(['nonsense', 1])}").status_code == 422


def test_previewed_list_is_imported(owner, roster):
    plan = owner.post(f"{roster}import/", {"text": TEXT}).json()
    assert (plan["new"], RosterEntry.objects.count()) == (2, 0)
    path = f"{roster}import/{plan['digest']}/"
    assert owner.post(path, {"seen": plan["seen"]}).json()["new"] == 2
    assert RosterEntry.objects.count() == 2
    assert kind(owner.post(path, {"seen": plan["seen"]})) == "gone"


def test_import_is_refused_if_the_roster_has_changed_since(owner, roster, conference):
    entry = make_entry(conference, "ada@example.org", name="A")
    plan = owner.post(f"{roster}import/", {"text": TEXT}).json()
    RosterEntry.objects.filter(pk=entry.pk).update(name="B")
    response = owner.post(f"{roster}import/{plan['digest']}/", {"seen": plan["seen"]})
    assert (response.status_code, RosterEntry.objects.count()) == (409, 1)


def test_import_removes_who_is_missing_if_that_was_chosen(owner, roster, conference):
    make_entry(conference, "carol@example.org")
    plan = owner.post(f"{roster}import/", {"text": TEXT}).json()
    body = {"seen": plan["seen_missing"], "removes_missing": True}
    assert owner.post(f"{roster}import/{plan['digest']}/", body).json()["missing"] == 1
    assert RosterEntry.objects.present().count() == 2


def test_list_of_another_person_is_not_imported(owner, roster, conference):
    plan = owner.post(f"{roster}import/", {"text": TEXT}).json()
    response = program_of(conference).post(f"{roster}import/{plan['digest']}/", {"seen": plan["seen"]})
    assert (response.status_code, RosterEntry.objects.count()) == (409, 0)


def test_text_without_an_email_address_is_refused(owner, roster):
    assert fields(owner.post(f"{roster}import/", {"text": "Ada"})) == ["text"]


def test_export_can_be_imported_again(owner, roster, conference):
    make_entry(conference, "ada@example.org", name="Ada Example")
    text = owner.get(f"{roster}export/").json()["content"]
    assert owner.post(f"{roster}import/", {"text": text}).json()["known"] == 1


@pytest.mark.parametrize("program", [program_of_stranger, None])
def test_who_may_not_read_the_roster_finds_none(roster, conference, program):
    caller = program() if program else program_of(conference, Role.OBSERVER)
    for path in (roster, f"{roster}export/"):
        assert caller.get(path).status_code == 404
    assert caller.post(roster, ADA).status_code == 404
    assert not RosterEntry.objects.exists()


def test_help_desk_looks_after_the_roster(roster, conference):
    assert program_of(conference, Role.HELP_DESK).post(roster, ADA).status_code == 200
