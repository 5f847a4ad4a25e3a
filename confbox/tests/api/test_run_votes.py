"""The rules and the times of a vote, as programs of its team set them."""

from datetime import timedelta

import pytest

from confbox.tests.api.answers import fields, kind, outcome
from confbox.tests.api.calls import Program
from confbox.tests.api.desk import REASON, RULES, now
from confbox.tests.api.organising import SCOPES
from conferences.models import Conference, ConsentRequest
from conferences.tests.factories import make_conference, update_elections
from voting.elections.models import WindowChange
from voting.elections.receipts.models import PublishedBallots
from voting.tests.consent import hours, make_team
from voting.tests.factories import close_by_clock, make_vote

pytestmark = pytest.mark.django_db


def test_list_has_the_votes_that_one_runs_and_the_token_covers(conference):
    make_conference(voting="open")
    other = make_conference(voting="scheduled", title="Later Conf", slug="later-conf", starts_in_days=60)
    [person, _second] = make_team(conference)
    Conference.objects.filter(pk=other.pk).update(series=conference.series)
    listed = lambda program: [row["conference"] for row in program.get("organise/votes/").json()["items"]]  # noqa: E731
    assert listed(Program(person, *SCOPES)) == ["open-conf", "later-conf"]
    assert listed(Program(person, *SCOPES, conferences=[other])) == ["later-conf"]


def test_rules_are_set_and_then_only_become_stricter(conference, desk, owner):
    stored = owner.post(f"{desk}rules/", RULES).json()
    assert (stored["results_visibility"], stored["ties"], stored["who_votes"]) == (
        "after_decision",
        "tied_only",
        "members",
    )
    assert owner.get(f"{desk}rules/").json() == stored
    laxer = owner.post(f"{desk}rules/", RULES | {"ties": "any_member"})
    assert fields(laxer) == ["ties"]
    assert now(conference).election.ties == "tied_only"


def test_rule_that_is_left_out_is_not_guessed(desk, owner):
    assert fields(owner.post(f"{desk}rules/", {"ties": "tied_only"}))[0] == "results_visibility"


def test_page_and_program_read_the_same_consequences_of_closing(conference, desk, owner):
    found = owner.get(f"{desk}close/").json()
    assert (found["refusal"], found["needs_second_person"]) == ("", False)
    assert "Voting is due to close on" in found["consequences"][0]
    assert len(found["consequences"]) > 2


def test_vote_is_closed_once(conference, desk, owner):
    seen = owner.get(f"{desk}close/").json()["seen"]
    assert [outcome(owner.post(f"{desk}close/", REASON | {"seen": seen})) for _ in range(2)] == [
        "made",
        "made",
    ]
    assert WindowChange.objects.get().act == "closed"
    assert "nothing to close" in owner.get(f"{desk}close/").json()["refusal"]


def test_vote_is_not_closed_on_an_old_version(conference, desk, owner):
    response = owner.post(f"{desk}close/", REASON | {"seen": "0" * 32})
    assert (response.status_code, kind(response)) == (409, "outdated")
    assert now(conference).election.is_open()


def test_closing_needs_a_reason(desk, owner):
    response = owner.post(f"{desk}close/", {"reason": ""})
    assert fields(response) == ["reason"]
    assert response.json()["detail"] == "Please give a reason. All members will read it."


def test_second_person_is_asked_with_202(conference, desk):
    first, _second = make_team(conference, "window")
    owner = Program(first, *SCOPES)
    found = owner.get(f"{desk}close/").json()
    assert found["needs_second_person"]
    assert "Second Person" in " ".join(found["warnings"])
    responses = [owner.post(f"{desk}close/", REASON) for _ in range(2)]
    asked = ConsentRequest.objects.get()
    assert [response.status_code for response in responses] == [202, 202]
    assert responses[1].json() == {"outcome": "asked", "request_id": asked.pk}
    assert now(conference).election.is_open()


def test_deadline_is_moved_to_the_minute(conference, desk, owner):
    until = hours(30)
    found = owner.get(f"{desk}move-deadline/?closes_at={until:%Y-%m-%dT%H:%M:%SZ}").json()
    body = REASON | {"closes_at": (until + timedelta(seconds=30)).isoformat(), "seen": found["seen"]}
    assert found["consequences"]
    assert [outcome(owner.post(f"{desk}move-deadline/", body)) for _ in range(2)] == ["made", "made"]
    assert now(conference).election.closes_at == until
    assert WindowChange.objects.get().reason == REASON["reason"]


def test_deadline_is_not_moved_over_another_change(conference, desk, owner, organiser):
    seen = owner.get(f"{desk}move-deadline/?closes_at=2030-01-01T10:00:00Z").json()["seen"]
    update_elections(closes_at=hours(40))
    response = owner.post(
        f"{desk}move-deadline/", REASON | {"closes_at": hours(30).isoformat(), "seen": seen}
    )
    assert response.status_code == 409
    assert "The deadline has changed" in response.json()["detail"]


def test_reason_of_a_change_is_corrected_if_it_is_the_one_that_was_read(conference, desk, owner):
    owner.post(f"{desk}move-deadline/", REASON | {"closes_at": hours(30).isoformat()})
    [change] = owner.get(f"{desk}turnout/").json()["window_changes"]
    path = f"{desk}window-changes/{change['id']}/correct-reason/"
    new = {"reason": "The hall is booked until six.", "before": change["reason"]}
    assert [outcome(owner.post(path, new)) for _ in range(2)] == ["made", "none"]
    assert owner.post(path, new | {"reason": "Another one."}).status_code == 409


def test_votes_are_kept_linked_once_ballots_are_published(alice, bob, conference, desk, owner):
    make_vote(alice, bob)
    assert "not published yet" in owner.get(f"{desk}keep-linked/").json()["refusal"]
    close_by_clock(conference)
    limits = owner.get(f"{desk}keep-linked/").json()
    body = REASON | {"until": limits["latest"]}
    assert [outcome(owner.post(f"{desk}keep-linked/", body)) for _ in range(2)] == ["made", "none"]
    assert PublishedBallots.objects.get().hold_reason == REASON["reason"]


def test_email_of_the_timetable_is_switched_off(desk, owner, observer):
    path, off = f"{desk}timetable/closes_soon/", {"is_on": False}
    assert [outcome(owner.post(path, off)) for _ in range(2)] == ["made", "none"]
    rows = {row["kind"]: row for row in observer.get(f"{desk}timetable/").json()["items"]}
    assert (rows["closes_soon"]["state"], rows["closes_soon"]["words"]) == ("off", "Switched off")
    assert owner.post(f"{desk}timetable/unknown/", off).status_code == 409
