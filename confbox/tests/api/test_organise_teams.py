"""Teams, series and second persons, as programs of organisers use them."""

import pytest

from accounts.tests.factories import make_organiser, make_user
from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import SCOPES, owner_of_series, program_of
from conferences.models import Conference, ConsentRequest, Role, Series, TeamInvitation, TeamMember
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
REASON = {"reason": "The venue is closed."}


@pytest.fixture(params=["conference", "series"])
def owned(request, db):
    """A program of the owner of a team, the path of the team, and whose it is."""
    series = make_series()
    scope = make_conference() if request.param == "conference" else series
    where = (
        f"conferences/{scope.slug}/organise"
        if request.param == "conference"
        else f"organise/series/{series.pk}"
    )
    return program_of(scope), f"{where}/team/", scope


def roles_in(program, path):
    return [person["role"] for person in program.get(path).json()["people"]]


def test_person_is_invited_and_the_invitation_withdrawn(owned):
    program, path, scope = owned
    sent = program.post(path, {"email": "bob@example.org", "role": "reviewer"}).json()
    assert TeamInvitation.objects.of_team(scope).get().email == "bob@example.org"
    [listed] = program.get(path).json()["invitations"]
    assert listed == sent
    withdraw = f"{path}invited/{sent['id']}/"
    assert [outcome(program.post(withdraw)) for _ in range(2)] == ["made", "none"]


def test_role_is_changed_and_the_person_removed(owned):
    program, path, scope = owned
    member = make_team_member(scope, Role.REVIEWER)
    role = {"role": "organiser", "shown": "reviewer"}
    assert outcome(program.post(f"{path}{member.pk}/role/", role)) == "made"
    assert roles_in(program, path) == ["owner", "organiser"]
    stale = program.post(f"{path}{member.pk}/role/", {"role": "observer", "shown": "reviewer"})
    assert (stale.status_code, kind(stale)) == (409, "outdated")
    assert outcome(program.post(f"{path}{member.pk}/remove/")) == "made"
    assert roles_in(program, path) == ["owner"]


def test_last_owner_stays(owned):
    program, path, scope = owned
    owner = TeamMember.objects.of_team(scope).get()
    for act, body in (
        (f"{owner.pk}/role/", {"role": "observer"}),
        (f"{owner.pk}/remove/", None),
        ("leave/", None),
    ):
        response = program.post(f"{path}{act}", body)
        assert (response.status_code, kind(response)) == (409, "last-owner"), act
    assert roles_in(program, path) == ["owner"]


def test_person_leaves_a_team(owned):
    _program, path, scope = owned
    assert outcome(program_of(scope, Role.ORGANISER).post(f"{path}leave/")) == "made"
    assert TeamMember.objects.of_team(scope).get().role == Role.OWNER


def test_only_owners_change_a_team_and_read_email_addresses(owned):
    _program, path, scope = owned
    organiser, member = program_of(scope, Role.ORGANISER), make_team_member(scope, Role.REVIEWER)
    found = organiser.get(path).json()
    assert {person["email"] for person in found["people"]} == {""}
    assert found["invitations"] == []
    assert organiser.post(path, {"email": "bob@example.org", "role": "owner"}).status_code == 404
    assert organiser.post(f"{path}{member.pk}/role/", {"role": "owner"}).status_code == 404
    assert organiser.post(f"{path}{member.pk}/remove/").status_code == 404


def test_team_of_others_is_not_found(owned):
    _program, path, _scope = owned
    other = program_of(make_series())
    assert other.get(path).status_code == 404
    assert other.post(path, {"email": "bob@example.org", "role": "owner"}).status_code == 404
    assert not TeamInvitation.objects.exists()


def test_browser_that_has_not_logged_in_recently_invites_no_one(owned):
    _program, path, scope = owned
    program = Program()
    program.client.force_login(TeamMember.objects.of_team(scope).get().person)
    response = program.post(path, {"email": "bob@example.org", "role": "owner"})
    assert (response.status_code, kind(response)) == (403, "log-in-again")


def test_series_is_created_by_organisers_of_the_site(roles):
    program = Program(make_organiser("organiser@example.org"), *SCOPES)
    made = program.post("organise/series/", {"name": "Open Conf", "slug": "open-conf"}).json()
    assert fields(program.post("organise/series/", {"name": "Other", "slug": "open-conf"})) == ["slug"]
    assert made in program.get("organise/series/").json()["items"]
    owner, _series = owner_of_series()
    assert kind(owner.post("organise/series/", {"name": "Mine", "slug": "mine"})) == "not-permitted"


def test_owner_lists_and_renames_their_series():
    program, series = owner_of_series()
    other = make_series()
    assert [each["id"] for each in program.get("organise/series/").json()["items"]] == [series.pk]
    path = f"organise/series/{series.pk}/rename/"
    assert [outcome(program.post(path, {"name": "New name"})) for _ in range(2)] == ["made", "none"]
    assert Series.objects.get(pk=series.pk).name == "New name"
    assert program.post(f"organise/series/{other.pk}/rename/", {"name": "X"}).status_code == 404


def test_second_person_is_required_only_if_there_is_one():
    program, series = owner_of_series()
    path = f"organise/series/{series.pk}/second-person/"
    assert program.post(path, {"acts": ["window"]}).status_code == 409
    make_team_member(series, Role.OWNER)
    assert [outcome(program.post(path, {"acts": ["window"]})) for _ in range(2)] == ["made", "none"]
    assert Series.objects.get(pk=series.pk).needs_consent == ["window"]
    assert fields(program.post(path, {"acts": ["other"]})) == ["acts"]


@pytest.fixture
def asked(db):
    """Programs of two owners, and the path of a request of the first to cancel a conference."""
    first, series = owner_of_series(needs_consent=["window"])
    second = program_of(series)
    conference = make_conference(series=series, voting="open")
    answer = first.post(f"conferences/{conference.slug}/organise/cancel/", REASON).json()
    assert answer["outcome"] == "asked"
    return first, second, f"conferences/{conference.slug}/organise/second-person/{answer['request_id']}/"


def status():
    return Conference.objects.get().status


def test_act_waits_for_the_second_person(asked):
    first, second, path = asked
    assert status() == "active"
    assert first.get("organise/second-person/").json()["items"] == []
    [waiting] = second.get("organise/second-person/").json()["items"]
    [listed] = second.get(path.rpartition("second-person/")[0] + "second-person/").json()["waiting"]
    assert waiting == listed
    assert (waiting["state"], waiting["is_own"]) == ("waiting", False)


def test_second_person_reads_the_consequences_and_confirms_once(asked):
    _first, second, path = asked
    found = second.get(path).json()
    assert found["reason"] == REASON["reason"]
    assert any("email" in words for words in found["consequences"])
    assert not any("<" in words for words in found["consequences"])
    body = {"answer": "confirm", "seen": found["seen"]}
    assert [second.post(path, body).json()["state"] for _ in range(2)] == ["confirmed", "confirmed"]
    assert status() == "cancelled"


@pytest.mark.parametrize("seen", ["", "other"])
def test_what_was_not_read_is_not_confirmed(asked, seen):
    _first, second, path = asked
    assert second.post(path, {"answer": "confirm", "seen": seen}).status_code == 409
    assert status() == "active"


def test_no_one_confirms_their_own_request(asked):
    first, _second, path = asked
    body = {"answer": "confirm", "seen": first.get(path).json()["seen"]}
    response = first.post(path, body)
    assert (response.status_code, kind(response)) == (409, "another-person-needed")
    assert status() == "active"


def test_request_is_declined_with_a_reason(asked):
    first, second, path = asked
    assert second.post(path, {"answer": "cancel", "decline_reason": "Not yet."}).json()["state"] == "declined"
    assert first.get(path).json()["decline_reason"] == "Not yet."
    assert status() == "active"


def test_request_is_withdrawn(asked):
    first, _second, path = asked
    assert first.post(path, {"answer": "cancel"}).json()["state"] == "withdrawn"


def test_request_of_another_team_is_not_found(asked):
    _first, _second, path = asked
    other = program_of(make_series())
    assert other.get(path).status_code == 404
    assert other.post(path, {"answer": "cancel"}).status_code == 404
    assert ConsentRequest.objects.waiting().exists()


def test_token_for_other_conferences_lists_no_request(asked):
    series = Series.objects.get()
    person = make_user("carol@example.org")
    make_team_member(series, Role.OWNER, user=person)
    program = Program(person, *SCOPES, conferences=[make_conference(series=series)])
    assert program.get("organise/second-person/").json()["items"] == []
