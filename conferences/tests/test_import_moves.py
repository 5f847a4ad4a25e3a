"""For a row that matches an existing conference with different dates, an organiser chooses what to do."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.models import AdminAct
from confbox.kit.tests.page import parse
from conferences.importing.actions import plan_import
from conferences.models import Conference
from conferences.tests.factories import update_elections
from conferences.tests.test_import_admin import upload
from conferences.tests.test_import_conferences import load, row

pytestmark = pytest.mark.django_db

BEFORE = row(name="Nile Summit", startDate="2027-04-28", endDate="2027-04-29", timeZone="Africa/Cairo")
AFTER = BEFORE | {"startDate": "2027-04-30", "endDate": "2027-05-02"}


def planned(*rows):
    return plan_import(content=json.dumps(rows).encode(), name="file.json")


def days():
    zoned = [(c.starts_at.astimezone(c.zone).date(), c.ends_at.astimezone(c.zone).date()) for c in _all()]
    return [(str(first), str(last)) for first, last in zoned]


def _all():
    return Conference.objects.order_by("pk")


@pytest.mark.parametrize(
    "changes",
    [
        {"startDate": "2027-04-30", "endDate": "2027-05-01"},
        {"startDate": "2027-04-28", "endDate": "2027-04-30"},
        {"startDate": "2027-05-28", "endDate": "2027-05-29"},
        {"startDate": "2027-04-30", "endDate": "2027-05-01", "url": ""},
        {"startDate": "2027-04-30", "endDate": "2027-05-01", "name": "NILE  summit"},
    ],
)
def test_conference_on_other_days_is_recognised(changes):
    load(BEFORE)
    plan = planned(BEFORE | changes)
    assert ([row.existing.title for row in plan.moved], plan.new) == (["Nile Summit"], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"startDate": "2028-04-28", "endDate": "2028-04-29"},
        {"startDate": "2027-04-30", "endDate": "2027-05-01", "name": "Delta Summit"},
        {"startDate": "2027-04-30", "endDate": "2027-05-01", "url": "https://x.org", "city": "Oslo"},
    ],
)
def test_another_conference_is_new(changes):
    load(BEFORE)
    plan = planned(BEFORE | changes)
    assert (plan.moved, len(plan.new)) == ([], 1)


def test_next_meeting_of_a_series_is_new_when_the_last_has_its_row():
    load(BEFORE)
    plan = planned(BEFORE, AFTER)
    assert (plan.moved, len(plan.new), len(plan.known)) == ([], 1, 1)


def test_nothing_moves_without_a_choice():
    load(BEFORE)
    load(AFTER)
    assert days() == [("2027-04-28", "2027-04-29")]


def test_update_moves_the_days_and_nothing_else():
    load(BEFORE)
    opens = _all().get().starts_at - timedelta(days=9)
    window = {"opens_at": opens, "closes_at": opens + timedelta(days=3)}
    Conference.objects.update(title="Nile Summit", agenda="Talks", status="active")
    update_elections(**window)
    load(AFTER | {"topic": "Other"}, moved="update")
    conference = _all().get()
    assert days() == [("2027-04-30", "2027-05-02")]
    assert conference.is_all_day
    assert (conference.agenda, conference.status, conference.topic) == ("Talks", "active", BEFORE["topic"])
    assert (conference.election.opens_at, conference.election.closes_at) == tuple(window.values())


def test_update_keeps_the_hours_that_an_organiser_entered():
    load(BEFORE)
    conference = _all().get()
    nine = conference.starts_at + timedelta(hours=9)
    Conference.objects.update(starts_at=nine, ends_at=nine + timedelta(days=1, hours=8))
    load(AFTER, moved="update")
    conference = _all().get()
    zoned = [t.astimezone(conference.zone) for t in (conference.starts_at, conference.ends_at)]
    assert [f"{t:%m-%d %H:%M}" for t in zoned] == ["04-30 09:00", "05-02 17:00"]


def test_update_twice_is_as_once():
    load(BEFORE)
    load(AFTER, moved="update")
    assert len(load(AFTER, moved="update").known) == 1
    assert days() == [("2027-04-30", "2027-05-02")]


def test_adding_makes_a_further_conference():
    load(BEFORE)
    load(AFTER, moved="add")
    assert days() == [("2027-04-28", "2027-04-29"), ("2027-04-30", "2027-05-02")]


def test_preview_offers_the_choice_and_needs_one(as_organiser):
    load(BEFORE)
    preview = upload(as_organiser, [AFTER]).url
    page = as_organiser.get(preview)
    assert [m.existing.title for m in page.context["moved"]] == ["Nile Summit"]
    assert [value for value, _label in page.context["choices"]] == ["update", "add", "skip"]
    answer = as_organiser.post(preview, {"moved_rows": "1"}, follow=True)
    assert "Please choose what to do" in parse(answer).text
    assert days() == [("2027-04-28", "2027-04-29")]


def test_organisers_choice_is_done_and_recorded(as_organiser):
    load(BEFORE)
    preview = upload(as_organiser, [AFTER]).url
    answer = as_organiser.post(preview, {"moved_rows": "1", "moved": "update"}, follow=True)
    assert "Moved to new dates: 1." in parse(answer).text
    assert days() == [("2027-04-30", "2027-05-02")]
    assert set(AdminAct.objects.values_list("act", flat=True)) == {"import", "change"}


def test_command_moves_when_it_is_asked_to(tmp_path, capsys):
    load(BEFORE)
    file = tmp_path / "file.json"
    file.write_text(json.dumps([AFTER]))
    call_command("import_conferences", file)
    assert "already exists with different dates: nile-summit-2027" in capsys.readouterr().out
    assert days() == [("2027-04-28", "2027-04-29")]
    call_command("import_conferences", file, moved="update")
    assert days() == [("2027-04-30", "2027-05-02")]


def test_update_does_not_end_a_conference_before_its_vote_closes(as_organiser):
    load(BEFORE)
    closes = _all().get().ends_at - timedelta(hours=3)
    update_elections(opens_at=closes - timedelta(days=3), closes_at=closes)
    earlier = BEFORE | {"startDate": "2027-04-20", "endDate": "2027-04-21"}
    preview = upload(as_organiser, [earlier]).url
    answer = as_organiser.post(preview, {"moved_rows": "1", "moved": "update"}, follow=True)
    assert "Voting must close before the conference ends" in parse(answer).text
    assert days() == [("2027-04-28", "2027-04-29")]
