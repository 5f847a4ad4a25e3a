"""Days on which clocks change at midnight work like other days."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from accounts.actors import Actor
from conferences.importing.actions import import_conferences
from conferences.local_times import days_of, hours_of
from conferences.models import Conference
from conferences.tests.factories import make_conference
from conferences.tests.test_conference_admin import NEW, YEAR, page_of, typed

pytestmark = pytest.mark.django_db

WITHOUT_MIDNIGHT = [
    ("Africa/Cairo", date(2027, 4, 30)),
    ("America/Santiago", date(2027, 9, 5)),
    ("Asia/Beirut", date(2027, 3, 28)),
    ("America/Havana", date(2027, 3, 14)),
    ("Atlantic/Azores", date(2027, 3, 28)),
]
WITH_TWO_MIDNIGHTS = [("America/Havana", date(2027, 11, 7)), ("Atlantic/Azores", date(2027, 10, 31))]
WITH_TWO_LAST_MINUTES = [
    ("Africa/Cairo", date(2027, 10, 28)),
    ("America/Santiago", date(2027, 4, 3)),
    ("Asia/Beirut", date(2027, 10, 30)),
]
ALL = WITHOUT_MIDNIGHT + WITH_TWO_MIDNIGHTS + WITH_TWO_LAST_MINUTES
A_DAY = timedelta(days=1)


def imported(zone, first, last):
    row = {"name": "Nile Summit", "startDate": str(first), "endDate": str(last), "timeZone": zone}
    import_conferences(content=json.dumps([row]).encode(), name="one.json", by=Actor.of_command())
    return Conference.objects.get()


@pytest.mark.parametrize(("zone", "day"), ALL)
@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 1), (1, 0)])
def test_imported_days_are_whole_days(zone, day, before, after):
    first, last = day - before * A_DAY, day + after * A_DAY
    conference = imported(zone, first, last)
    assert conference.is_all_day
    assert hours_of(conference) == ""
    assert str(last.day) in days_of(conference)


@pytest.mark.parametrize(
    ("zone", "day", "ends_at"),
    [
        ("Africa/Cairo", date(2027, 10, 28), datetime(2027, 10, 28, 21, 59, tzinfo=UTC)),
        ("America/Santiago", date(2027, 4, 3), datetime(2027, 4, 4, 3, 59, tzinfo=UTC)),
        ("Asia/Beirut", date(2027, 10, 30), datetime(2027, 10, 30, 21, 59, tzinfo=UTC)),
    ],
)
def test_day_that_has_its_last_hour_twice_ends_with_the_second(zone, day, ends_at):
    assert imported(zone, day, day).ends_at == ends_at


@pytest.mark.parametrize(("zone", "day"), ALL)
def test_imported_days_are_whole_days_in_calendars(client, zone, day):
    imported(zone, day, day + A_DAY)
    Conference.objects.update(status="active", slug="nile")
    (event,) = Calendar.from_ical(client.get("/conferences/nile.ics").content).events
    assert (event["dtstart"].dt, event["dtend"].dt) == (day, day + 2 * A_DAY)


@pytest.mark.parametrize(("zone", "day"), ALL)
def test_conference_of_such_a_day_is_saved_unchanged_in_the_admin(as_organiser, zone, day):
    conference = imported(zone, day, day)
    answer = as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Renamed"))
    saved = Conference.objects.get()
    assert answer.status_code == 302
    assert (saved.title, saved.starts_at, saved.ends_at) == (
        "Renamed",
        conference.starts_at,
        conference.ends_at,
    )


@pytest.mark.parametrize(("zone", "day"), ALL)
def test_organiser_enters_such_a_day(as_organiser, zone, day):
    times = {"starts_at": f"{day}T00:00", "ends_at": f"{day}T23:59", "time_zone": zone}
    window = {"voting_opens_at": "", "voting_closes_at": ""}
    assert as_organiser.post("/admin/conferences/conference/add/", NEW | times | window).status_code == 302
    conference = Conference.objects.get()
    assert conference.is_all_day
    assert conference.ends_at - conference.starts_at > timedelta(hours=22)


@pytest.mark.parametrize("column", ["starts_at", "voting_opens_at", "voting_closes_at"])
def test_time_that_clocks_skip_is_refused_in_words(as_organiser, column):
    last = date(YEAR, 3, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    times = {"starts_at": f"{sunday}T00:00", "voting_opens_at": f"{YEAR}-01-01T00:00"}
    page = as_organiser.post("/admin/conferences/conference/add/", NEW | times | {column: f"{sunday}T02:30"})
    assert page.context["adminform"].form.errors == {
        column: [
            (
                "Clocks in Europe/Berlin go forward on this day and skip this time. "
                "Please choose another, for example 03:30."
            )
        ]
    }


def test_time_that_comes_twice_is_the_first_for_a_start_and_the_second_for_an_end(as_organiser):
    times = {"starts_at": "2030-10-27T02:30", "ends_at": "2030-10-27T02:30"}
    as_organiser.post("/admin/conferences/conference/add/", NEW | times)
    conference = Conference.objects.get()
    assert conference.starts_at == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert conference.ends_at == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("voting", ["open", "scheduled"])
def test_close_of_a_vote_at_the_first_of_two_times_is_not_moved_by_saving(as_organiser, voting):
    closes = datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    conference = make_conference(
        voting=voting, closes_at=closes, time_zone="Europe/Berlin", starts_in_days=3000
    )
    as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Renamed"))
    assert Conference.objects.values_list("title", "election__closes_at").get() == ("Renamed", closes)


def test_conference_from_one_to_midnight_is_no_whole_day():
    starts_at = datetime(2027, 5, 1, 1, 0, tzinfo=ZoneInfo("Africa/Cairo"))
    conference = make_conference(starts_at=starts_at, ends_at=starts_at, time_zone="Africa/Cairo")
    conference.ends_at = starts_at.replace(hour=23, minute=59)
    assert not conference.is_all_day
