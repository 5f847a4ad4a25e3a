"""Acts on a conference, as programs of its team do them."""

import pytest

from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.organising import program_of, program_of_stranger
from conferences.models import Conference, ConferenceChange, Role
from conferences.tests.factories import make_conference, make_membership

pytestmark = pytest.mark.django_db
REASON = {"reason": "The venue is closed."}
BODIES = {
    "publish": {},
    "cancel": REASON,
    "reinstate": REASON,
    "unpublish": REASON,
    "move": REASON | {"place": "Paris, France"},
    "delete": {"title": "Open Conf"},
    "changes/1/correct-reason": REASON,
}


@pytest.fixture
def owner(conference):
    return program_of(conference)


def act(program, conference, name, body=None):
    return program.post(f"conferences/{conference.slug}/organise/{name}/", body or BODIES[name])


def status(conference):
    return Conference.objects.get(pk=conference.pk).status


@pytest.mark.parametrize("name", BODIES)
def test_act_on_a_conference_of_another_team_is_not_found(conference, name):
    before = status(conference)
    assert act(program_of_stranger(), conference, name).status_code == 404
    assert act(program_of(conference, Role.OBSERVER), conference, name).status_code == 404
    assert status(conference) == before


@pytest.mark.parametrize("name", [name for name in BODIES if name != "publish"])
def test_browser_has_to_have_logged_in_recently(conference, name, owner):
    program = Program()
    program.client.force_login(conference.team.get().person)
    response = act(program, conference, name)
    assert (response.status_code, kind(response)) == (403, "log-in-again")


def test_draft_is_published_once():
    draft = make_conference(status="draft")
    owner = program_of(draft)
    assert [outcome(act(owner, draft, "publish")) for _ in range(2)] == ["made", "none"]
    assert status(draft) == "active"


def test_draft_without_dates_is_not_published():
    draft = make_conference(status="draft", has_dates=False)
    response = act(program_of(draft), draft, "publish")
    assert (response.status_code, kind(response)) == (409, "dates-missing")
    assert "dates" in response.json()["detail"]


def test_conference_is_cancelled_and_takes_place_after_all(owner, conference):
    assert outcome(act(owner, conference, "cancel")) == "made"
    assert status(conference) == "cancelled"
    assert outcome(act(owner, conference, "reinstate")) == "made"
    assert status(conference) == "active"


def test_act_sent_twice_is_done_once(owner, conference):
    assert [outcome(act(owner, conference, "cancel")) for _ in range(2)] == ["made", "made"]
    assert ConferenceChange.objects.count() == 1


def test_act_needs_a_reason(owner, conference):
    assert fields(act(owner, conference, "cancel", {"reason": " "})) == ["reason"]
    assert status(conference) == "active"


def test_act_on_what_has_changed_since_is_refused(owner, conference):
    path = f"conferences/{conference.slug}/organise/consequences/?act=cancel"
    seen = owner.get(path).json()["seen"]
    Conference.objects.update(place="Paris, France")
    response = act(owner, conference, "cancel", REASON | {"seen": seen})
    assert (response.status_code, status(conference)) == (409, "active")
    seen = owner.get(path).json()["seen"]
    assert outcome(act(owner, conference, "cancel", REASON | {"seen": seen})) == "made"


def test_conference_is_taken_off_the_site(owner, conference):
    conference.election.opens_at = conference.election.closes_at = None
    conference.election.save()
    assert outcome(act(owner, conference, "unpublish")) == "made"
    assert status(conference) == "inactive"


def test_conference_is_moved_and_what_is_left_out_stays(owner, conference):
    body = REASON | {"ends_at": "2099-01-01T00:00:00Z", "starts_at": "2099-01-01T00:00:00Z"}
    assert fields(act(owner, conference, "move", body)) == ["starts_at"]
    assert outcome(act(owner, conference, "move")) == "made"
    moved = Conference.objects.get(pk=conference.pk)
    assert (moved.place, moved.starts_at) == ("Paris, France", conference.starts_at)


def test_conference_without_other_members_is_deleted_by_its_title(owner, conference):
    assert fields(act(owner, conference, "delete", {"title": "Another"})) == ["title"]
    assert outcome(act(owner, conference, "delete", {"title": conference.title})) == "made"
    assert not Conference.objects.filter(pk=conference.pk).exists()


def test_organiser_deletes_no_conference_of_an_owner(conference):
    assert act(program_of(conference, Role.ORGANISER), conference, "delete").status_code == 404


def test_reason_is_corrected(owner, conference):
    act(owner, conference, "cancel")
    [change] = owner.get(f"conferences/{conference.slug}/organise/changes/").json()["items"]
    path = f"changes/{change['id']}/correct-reason"
    body = {"reason": "The venue burnt down.", "before": change["reason"]}
    assert outcome(act(owner, conference, path, body)) == "made"
    assert outcome(act(owner, conference, path, body)) == "none"
    stale = act(owner, conference, path, body | {"reason": "Other"})
    assert (stale.status_code, kind(stale)) == (409, "outdated")


@pytest.mark.parametrize("name", ["publish", "cancel", "reinstate", "move", "unpublish", "delete"])
def test_consequences_change_nothing(owner, conference, name):
    make_membership(conference)
    before = Conference.objects.values().get()
    found = owner.get(f"conferences/{conference.slug}/organise/consequences/?act={name}").json()
    assert bool(found["refusal"]) != bool(found["consequences"])
    assert not any("<" in words for words in found["consequences"])
    assert Conference.objects.values().get() == before
