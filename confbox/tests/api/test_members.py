"""Members, pitches and ways to join, as programs use them."""

import pytest

from accounts.tests.factories import make_user
from confbox.tests.api.answers import kind, outcome
from confbox.tests.api.calls import Program
from conferences.joining import guesses
from conferences.models import JoinRequest, Membership
from conferences.tests.admission import code_for, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_invitation, make_team_member
from voting.elections.models import Pitch, Vote
from voting.elections.moderation.models import Report
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
PITCH = {"headline": "Less is more", "statement": "Small **programs**.", "accepts_votes": True}


def names(response):
    return [item["name"] for item in response.json()["items"]]


# --- members -----------------------------------------------------------------------------------


def test_members_show_no_email_address_or_phone_number(alice, bob, conference):
    bob.user.phone = "+49 30 1234567"
    bob.user.save()
    for path in ("members/", f"members/{bob.pk}/"):
        text = Program(alice.user).get(f"conferences/{conference.slug}/{path}").content.decode()
        assert bob.user.email not in text
        assert bob.user.phone not in text


def test_member_who_is_not_listed_is_in_no_list(alice, bob, conference):
    Membership.objects.filter(pk=bob.pk).update(is_listed=False)
    assert bob.user.name not in names(Program(alice.user).get(f"conferences/{conference.slug}/members/"))
    assert Program(alice.user).get(f"conferences/{conference.slug}/members/{bob.pk}/").status_code == 404


def test_stranger_reads_no_members(stranger, alice, conference):
    response = Program(stranger).get(f"conferences/{conference.slug}/members/")
    assert (response.status_code, kind(response)) == (403, "not-a-member")
    assert Program(stranger).get(f"conferences/{conference.slug}/members/{alice.pk}/").status_code == 404


def test_one_member_has_the_pitch_and_whether_i_can_vote_for_them(alice, bob, conference):
    make_pitch(bob, headline="Less is more")
    one = Program(alice.user).get(f"conferences/{conference.slug}/members/{bob.pk}/").json()
    assert (one["headline"], one["refusal"]) == ("Less is more", "")
    mine = Program(bob.user).get(f"conferences/{conference.slug}/members/{bob.pk}/").json()
    assert mine["refusal"] == "You cannot vote for yourself."


def test_hidden_pitch_is_not_shown(alice, bob, conference):
    make_pitch(bob, headline="Less is more")
    Membership.objects.filter(pk=bob.pk).update(pitch_hidden_at="2026-01-01T00:00:00Z")
    one = Program(alice.user).get(f"conferences/{conference.slug}/members/{bob.pk}/").json()
    assert (one["headline"], one["statement"]) == ("", "")


def test_member_of_another_conference_is_not_found(alice, conference):
    other = make_membership(make_conference())
    assert Program(alice.user).get(f"conferences/{conference.slug}/members/{other.pk}/").status_code == 404


def test_choosing_not_to_be_listed_twice_changes_once(alice, conference):
    program, path = Program(alice.user), f"conferences/{conference.slug}/members/listed/"
    assert outcome(program.post(path, {"is_listed": False})) == "made"
    assert outcome(program.post(path, {"is_listed": False})) == "none"
    alice.refresh_from_db()
    assert alice.is_listed is False


def test_member_reports_another_once(alice, bob, conference):
    path = f"conferences/{conference.slug}/members/{bob.pk}/report/"
    report = {"subject": "profile", "reason": "advert"}
    assert outcome(Program(alice.user).post(path, report)) == "made"
    assert outcome(Program(alice.user).post(path, report)) == "none"
    assert Report.objects.get().reported_by == alice.user


def test_report_without_the_words_that_it_needs_names_the_field(alice, bob, conference):
    path = f"conferences/{conference.slug}/members/{bob.pk}/report/"
    response = Program(alice.user).post(path, {"subject": "profile", "reason": "other"})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["text"]


def test_stranger_reports_no_one(stranger, alice, conference):
    path = f"conferences/{conference.slug}/members/{alice.pk}/report/"
    response = Program(stranger).post(path, {"subject": "profile", "reason": "advert"})
    assert (response.status_code, Report.objects.count()) == (404, 0)


# --- pitches -----------------------------------------------------------------------------------


def test_pitch_is_written_once(alice, conference):
    program, path = Program(alice.user), f"conferences/{conference.slug}/pitch/"
    assert program.get(path).json()["shown"] == "none"
    assert outcome(program.post(path, PITCH)) == "made"
    assert outcome(program.post(path, PITCH)) == "none"
    stored = program.get(path).json()
    assert (stored["headline"], stored["shown"]) == ("Less is more", "members")


def test_opting_out_frees_votes(alice, bob, conference):
    make_vote(bob, alice)
    path = f"conferences/{conference.slug}/pitch/"
    assert outcome(Program(alice.user).post(path, PITCH | {"accepts_votes": False})) == "made"
    assert not Vote.objects.valid().exists()


def test_long_headline_is_refused_with_the_sentence_of_the_page(alice, conference):
    response = Program(alice.user).post(
        f"conferences/{conference.slug}/pitch/", PITCH | {"headline": "x" * 121}
    )
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["field"] == "headline"
    assert "120" in error["detail"]


def test_stranger_has_no_pitch(stranger, conference):
    assert Program(stranger).post(f"conferences/{conference.slug}/pitch/", PITCH).status_code == 404
    assert not Pitch.objects.exists()


def test_pitch_is_made_public_and_private_again(alice, conference):
    program, path = Program(alice.user), f"conferences/{conference.slug}/pitch/"
    assert kind(program.post(f"{path}share/")) == "no-pitch"
    make_pitch(alice)
    assert outcome(program.post(f"{path}share/")) == "made"
    url = program.get(path).json()["public_url"]
    assert program.client.get(url).status_code == 200
    assert outcome(program.post(f"{path}unshare/")) == "made"
    assert program.client.get(url).status_code == 404


def test_author_of_a_hidden_pitch_asks_once_to_show_it(alice, conference):
    make_pitch(alice)
    program, path = Program(alice.user), f"conferences/{conference.slug}/pitch/"
    assert outcome(program.post(f"{path}ask/")) == "none"
    hidden = {"pitch_hidden_at": "2026-01-01T00:00:00Z", "pitch_hidden_reason": "It sells a product."}
    Membership.objects.filter(pk=alice.pk).update(**hidden)
    assert program.get(path).json()["hidden_reason"] == "It sells a product."
    assert [outcome(program.post(f"{path}ask/")) for _ in range(2)] == ["made", "none"]


# --- joining -----------------------------------------------------------------------------------


@pytest.fixture
def closed(db):
    return only(make_conference(title="Conf 26", slug="conf-26"))


def test_code_alone_leads_to_its_conference(stranger, closed):
    code = code_for(closed)
    response = Program(stranger).post("join-by-code/", {"code": code.code.lower()})
    assert response.json()["conference"] == closed.slug
    assert Membership.objects.current().get(conference=closed).user == stranger


@pytest.mark.parametrize("path", ["join-by-code/", "conferences/conf-26/join/"])
def test_wrong_codes_are_counted_at_every_door(stranger, closed, path, monkeypatch):
    monkeypatch.setattr(guesses, "OF_PEOPLE", guesses.Limit("few wrong codes", person="1/h"))
    program = Program(stranger)
    assert kind(program.post(path, {"code": "AAAA-AAAA"})) == "unknown-join-code"
    assert program.post(path, {"code": "AAAA-AAAA"}).status_code == 429


@pytest.mark.parametrize("typed", ["", " ", "\t"])
def test_empty_code_is_refused_by_the_form_and_is_no_guess(stranger, typed, monkeypatch):
    monkeypatch.setattr(guesses, "OF_PEOPLE", guesses.Limit("few wrong codes", person="1/h"))
    for _ in range(2):
        response = Program(stranger).post("join-by-code/", {"code": typed})
        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == ["code"]


def test_token_for_some_conferences_joins_by_no_code(stranger, closed):
    program = Program(stranger, conferences=[closed])
    assert kind(program.post("join-by-code/", {"code": code_for(closed).code})) == "other-conference"


def test_request_to_be_let_in_waits(stranger, closed):
    only(closed, approval=True)
    program, path = Program(stranger), f"conferences/{closed.slug}/join/request/"
    assert program.get(path).json()["state"] == "none"
    assert program.post(path, {"sentence": "I maintain it."}).json()["state"] == "waiting"
    assert program.post(path, {"sentence": "I maintain it."}).json()["state"] == "waiting"
    assert JoinRequest.objects.get().sentence == "I maintain it."


def test_request_is_refused_where_one_can_join_at_once(stranger, conference):
    response = Program(stranger).post(f"conferences/{conference.slug}/join/request/", {"sentence": "Hello"})
    assert (response.status_code, kind(response)) == (409, "can-join")
    assert "without asking" in response.json()["detail"]


def test_ticket_under_a_confirmed_address_is_found_and_claimed(stranger, closed):
    only(closed, roster=True)
    program, path = Program(stranger), f"conferences/{closed.slug}/ticket/"
    assert outcome(program.post(f"{path}claim/")) == "not_found"
    make_entry(closed, stranger.email)
    assert program.get(path).json()["state"] == "found"
    assert [outcome(program.post(f"{path}claim/")) for _ in range(2)] == ["joined", "had_one"]
    assert program.get(path).json()["state"] == "claimed"


# --- invitations and calendar ------------------------------------------------------------------


def test_invitation_to_a_team_is_accepted_once(conference):
    person = make_user("ada@example.org")
    invitation = make_team_invitation(conference, person.email, "observer")
    program = Program(person)
    assert [item["id"] for item in program.get("me/team-invitations/").json()["items"]] == [invitation.pk]
    path = f"me/team-invitations/{invitation.pk}/"
    assert [program.post(path, {"answer": "accept"}).json()["role"] for _ in range(2)] == ["observer"] * 2
    assert program.get("me/team-invitations/").json()["items"] == []


def test_invitation_of_another_person_is_not_found(stranger):
    invitation = make_team_invitation(make_series(), "ada@example.org")
    program = Program(stranger)
    assert program.post(f"me/team-invitations/{invitation.pk}/", {"answer": "accept"}).status_code == 404
    assert program.get("me/team-invitations/").json()["items"] == []


def test_declined_invitation_is_not_offered(conference):
    person = make_team_member(make_series()).person
    invitation = make_team_invitation(conference, person.email)
    program = Program(person)
    assert outcome(program.post(f"me/team-invitations/{invitation.pk}/", {"answer": "decline"})) == "declined"
    assert program.get("me/team-invitations/").json()["items"] == []


def test_link_to_the_calendar_is_made_and_ended(alice):
    program = Program(alice.user)
    assert program.get("me/calendar/").json()["url"] == ""
    url = program.post("me/calendar/renew/").json()["url"]
    assert program.get("me/calendar/").json()["url"] == url
    assert program.client.get(url).status_code == 200
    assert [outcome(program.post("me/calendar/remove/")) for _ in range(2)] == ["made", "none"]
    assert program.client.get(url).status_code == 404
