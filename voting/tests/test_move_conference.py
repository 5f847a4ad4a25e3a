"""Moving a published conference and taking one off the site: members are notified, and pages say so."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone
from icalendar import Calendar

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.actions import deactivate_conference, publish_conference
from conferences.changes.actions import cancel_conference, move_conference, unpublish_conference
from conferences.changes.dates import dates_of
from conferences.changes.dates import in_words as dates_in_words
from conferences.importing.moves import MovedRow
from conferences.local_times import in_zone
from conferences.models import Conference, ConferenceChange
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.campaigns.models import Campaign
from voting.campaigns.sending.dispatch import begin_campaign
from voting.tests.campaigns import dispatch_due
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db
HALL, LAW = "The hall is being renovated.", "A court has asked us to."
DAY = timedelta(days=1)
MOVE = "/admin/conferences/conference/{}/move/"
OFF = "/admin/conferences/conference/{}/unpublish/"
FORM = "/admin/conferences/conference/{}/change/"
OVERVIEW = "/admin/conferences/conference/{}/"


@pytest.fixture
def move(conference, organiser):
    def move(*, days=7, place="Lyon, France", reason=HALL, **dates):
        columns = {"starts_at": conference.starts_at + days * DAY, "ends_at": conference.ends_at + days * DAY}
        by = Actor(organiser)
        return move_conference(conference=conference, place=place, reason=reason, by=by, **columns | dates)

    return move


@pytest.fixture
def unpublish(conference, organiser):
    def unpublish(reason=LAW):
        update_elections(closes_at=timezone.now())
        return unpublish_conference(conference=conference, reason=reason, by=Actor(organiser))

    return unpublish


def sent_of(change):
    change.refresh_from_db()
    begin_campaign(change.notice)
    dispatch_due()
    return {message.to[0]: message for message in mail.outbox}


# Moving


def test_a_move_stores_the_new_dates_and_is_logged(move, conference, organiser):
    assert move() == move()
    found = Conference.objects.get()
    assert found.starts_at == conference.starts_at + 7 * DAY
    assert (found.place, found.previous_starts_at) == ("Lyon, France", conference.starts_at)
    act = AdminAct.objects.get(act="move")
    assert (act.by, act.reason) == (organiser, HALL)
    assert Campaign.objects.filter(kind="conference").count() == 1


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"days": 0, "place": ""}, "starts_at"),
        ({"days": -60}, "ends_at"),
        ({"ends_at": timezone.now() + DAY}, "ends_at"),
        ({"days": 5000}, "starts_at"),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(move, conference, dates, field):
    with pytest.raises(ValidationError) as refusal:
        move(**dates)
    assert list(refusal.value.error_dict) == [field]
    assert Conference.objects.get().starts_at == conference.starts_at


def test_a_conference_does_not_end_before_its_vote_closes(move, conference):
    update_elections(closes_at=conference.ends_at - timedelta(hours=1))
    with pytest.raises(ValidationError, match="Voting must close before the conference ends"):
        move(days=-7)


def test_only_a_published_conference_is_moved(move, conference, organiser):
    cancel_conference(conference=conference, reason=HALL, by=Actor(organiser))
    with pytest.raises(ValidationError, match="This conference is cancelled"):
        move()


def test_new_dates_at_the_same_place_are_no_move_to_another(conference, move, alice):
    message = sent_of(move(place=conference.place))[alice.user.email]
    assert message.subject == "Open Conf takes place at another time"
    assert "has moved" not in message.body


def test_members_read_both_dates_and_the_deadline_that_stays(move, alice):
    message = sent_of(move())[alice.user.email]
    assert message.subject == "Open Conf has moved"
    for words in ("Lyon, France", HALL, "Voting closes on"):
        assert words in message.body


@pytest.mark.parametrize("is_all_day", [False, True])
def test_members_read_of_another_time_zone_with_which_the_hours_stay(move, conference, alice, is_all_day):
    hours = ((0, 0, 0), (23, 59, 59)) if is_all_day else ((9, 0, 0), (17, 0, 0))
    year = timezone.now().year + 1

    def dates(zone):
        starts, ends = (datetime(year, 5, 3, *each, tzinfo=ZoneInfo(zone)) for each in hours)
        return {"starts_at": starts, "ends_at": ends, "time_zone": zone}

    Conference.objects.update(**dates("Europe/Berlin"))
    body = sent_of(move(place=conference.place, **dates("Asia/Kolkata")))[alice.user.email].body
    for zone in ("Europe/Berlin", "Asia/Kolkata"):
        assert re.search(rf"3 May {year}(, [^\n]*)? \({zone}\)", body)
    assert ("9:00" in body) is not is_all_day
    found = Conference.objects.get()
    assert (found.time_zone, found.previous_starts_at) == (
        "Asia/Kolkata",
        dates("Europe/Berlin")["starts_at"],
    )
    assert found.is_all_day is is_all_day


def test_times_on_the_page_are_those_of_the_time_zone_that_is_chosen_with_them(
    as_organiser, conference, alice
):
    form = entered(conference, time_zone="Asia/Kolkata")
    as_organiser.post(MOVE.format(conference.pk), form)
    found = Conference.objects.get()
    local = found.starts_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert (f"{local:%Y-%m-%dT%H:%M}", found.time_zone) == (form["starts_at"], "Asia/Kolkata")


def test_the_same_form_twice_moves_it_once_in_every_time_zone(as_organiser, conference, alice):
    Conference.objects.update(time_zone="Asia/Kolkata")
    for _ in range(2):
        form = entered(conference, time_zone="Europe/Berlin")
        assert as_organiser.post(MOVE.format(conference.pk), form).status_code == 302
    assert Campaign.objects.filter(kind="conference").count() == 1


def test_an_unknown_time_zone_is_refused(as_organiser, conference):
    form = entered(conference, time_zone="Europe/Atlantis")
    page = as_organiser.post(MOVE.format(conference.pk), form)
    assert list(page.context["form"].errors) == ["time_zone"]
    assert not ConferenceChange.objects.exists()


def test_the_page_calendars_and_search_engines_know_of_a_move(move, conference, client):
    Conference.objects.update(created_at=timezone.now() - DAY, updated_at=timezone.now() - DAY)
    update_elections(updated_at=timezone.now() - DAY)
    path = "/conferences/open-conf.ics"
    before = Calendar.from_ical(client.get(path).content).events[0]
    move()
    after = Calendar.from_ical(client.get(path).content).events[0]
    assert after["sequence"] > before["sequence"]
    assert after.start == before.start + 7 * DAY
    page = parse(client.get("/conferences/open-conf/"))
    assert "This conference was moved." in page.part("#moved").text
    assert HALL in page.part("#moved").text
    data = json.loads(page._node.css_first("script[type='application/ld+json']").text())
    assert data["eventStatus"] == "https://schema.org/EventRescheduled"
    assert data["previousStartDate"] == conference.starts_at.isoformat(timespec="minutes")


def test_the_page_says_why_also_if_only_the_place_changed(move, conference, client):
    Conference.objects.update(place="Nantes, France")
    move(days=0)
    said = parse(client.get("/conferences/open-conf/")).part("#moved").text
    assert HALL in said
    assert "Nantes, France" in said
    event = Calendar.from_ical(client.get("/conferences/open-conf.ics").content).events[0]
    assert "It was to start" not in str(event.to_ical())


def test_a_conference_of_days_was_not_to_start_at_midnight(move, conference, client):
    year = timezone.now().year + 1
    first, last = (datetime(year, 5, 3, *each, tzinfo=conference.zone) for each in ((0, 0), (23, 59, 59)))
    Conference.objects.update(starts_at=first, ends_at=last)
    move(starts_at=first + 7 * DAY, ends_at=last + 7 * DAY)
    said = parse(client.get("/conferences/open-conf/")).part("#moved").text
    [event] = Calendar.from_ical(client.get("/conferences/open-conf.ics").content).events[:1]
    for text in (said, str(event["description"])):
        assert f"3 May {year}" in text
        assert ":00" not in text.split("/conferences/")[0].split("(")[0]


def entered(conference, **columns):
    times = {
        name: f"{getattr(conference, name) + 7 * DAY:%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")
    }
    sent = {"place": "Lyon, France", "reason": HALL, "confirmed": "yes"}
    return times | {"time_zone": conference.time_zone} | sent | columns


def test_a_move_is_confirmed_on_a_page_that_says_how_many_are_notified(as_organiser, conference, alice, bob):
    page = parse(as_organiser.get(MOVE.format(conference.pk)))
    assert "2 members get an email" in page.text
    for _ in range(2):
        answer = as_organiser.post(MOVE.format(conference.pk), entered(conference))
        assert (answer.status_code, answer.url) == (302, OVERVIEW.format(conference.pk))
    assert ConferenceChange.objects.get().after["place"] == "Lyon, France"


def test_the_time_zone_follows_the_days_without_a_comma(as_organiser, conference):
    page = parse(as_organiser.get(MOVE.format(conference.pk)))
    assert f", ({conference.time_zone})" not in page.text
    assert f" ({conference.time_zone})" in page.texts("#move dd, .desk-facts dd")[0]


def test_nothing_is_moved_before_both_dates_were_shown(as_organiser, conference, alice):
    url, typed = MOVE.format(conference.pk), entered(conference)
    del typed["confirmed"]
    page = parse(as_organiser.post(url, typed))
    assert not ConferenceChange.objects.exists()
    days = dates_of(conference)
    before, now, _reason = page.texts("#move dd")
    assert before == dates_in_words(days, names_zone=True)
    assert "Lyon, France" in now
    assert "1 member gets an email" in page.text
    names = page.attributes("form[method=post] input[type=hidden]", "name")
    sent = {name: page.field(name)["value"] for name in names if name != "csrfmiddlewaretoken"}
    assert page.attributes("form[method=post] button", "name") == ["confirmed", "change"]
    assert as_organiser.post(url, sent | {"confirmed": "yes"}).status_code == 302
    assert ConferenceChange.objects.get().after["place"] == "Lyon, France"


def test_what_was_entered_can_be_changed_before_it_is_confirmed(as_organiser, conference):
    typed = entered(conference) | {"change": "yes"}
    del typed["confirmed"]
    page = parse(as_organiser.post(MOVE.format(conference.pk), typed))
    assert page.field("place")["value"] == "Lyon, France"
    assert "type" not in page.field("reason")
    assert not ConferenceChange.objects.exists()


def test_page_of_a_move_shows_the_present_dates_next_to_what_was_typed(as_organiser, conference):
    url = MOVE.format(conference.pk)
    seen = parse(as_organiser.get(url)).field("seen")["value"]
    Conference.objects.update(place="Nantes, France")
    for more in ({}, {"confirmed": "yes"}):
        typed = entered(conference) | {"seen": seen}
        if not more:
            del typed["confirmed"]
        page = parse(as_organiser.post(url, typed))
        assert not ConferenceChange.objects.exists()
        assert any("has changed since you opened this page" in error for error in page.errors)
        assert "Nantes, France" in page.part(".desk-facts").text
        assert page.field("place")["value"] == "Lyon, France"


@pytest.fixture
def of_days(conference):
    """A conference on 19 December there, without a time of day."""
    year, zone = timezone.now().year + 1, ZoneInfo("Europe/Berlin")
    starts, ends = (datetime(year, 12, 19, *each, tzinfo=zone) for each in ((0, 0, 0), (23, 59, 59)))
    Conference.objects.update(starts_at=starts, ends_at=ends, time_zone="Europe/Berlin")
    conference.refresh_from_db()
    assert conference.is_all_day
    return conference


def test_a_conference_of_days_is_moved_by_days(as_organiser, of_days):
    page = parse(as_organiser.get(MOVE.format(of_days.pk)))
    assert page.attributes("[name=starts_at]", "type") == ["date"]
    day = f"{of_days.starts_at.year}-12-20"
    typed = {"starts_at": day, "ends_at": "", "time_zone": "Europe/Berlin", "place": "Bonn", "reason": HALL}
    typed |= {"confirmed": "yes"}
    for _ in range(2):
        assert as_organiser.post(MOVE.format(of_days.pk), typed).status_code == 302
    found = Conference.objects.get()
    assert found.is_all_day
    assert f"{found.starts_at.astimezone(found.zone):%Y-%m-%d}" == day
    assert f"{found.ends_at.astimezone(found.zone):%Y-%m-%d}" == day
    assert ConferenceChange.objects.count() == 1


def test_days_stay_days_in_another_time_zone(as_organiser, of_days):
    year = of_days.starts_at.year
    typed = {"starts_at": f"{year}-12-19", "ends_at": f"{year}-12-20", "time_zone": "Asia/Kolkata"}
    as_organiser.post(MOVE.format(of_days.pk), typed | {"place": "Bonn", "reason": HALL, "confirmed": "yes"})
    found = Conference.objects.get()
    assert (found.is_all_day, found.time_zone) == (True, "Asia/Kolkata")


@pytest.mark.parametrize("days", [("", ""), ("0001-01-01", ""), ("soon", ""), ("12-20", "12-19")])
def test_days_that_cannot_be_are_refused_and_kept(as_organiser, of_days, days):
    first, last = (f"{of_days.starts_at.year}-{day}" if day[:2] == "12" else day for day in days)
    typed = {"starts_at": first, "ends_at": last, "time_zone": "Europe/Berlin", "reason": HALL}
    page = as_organiser.post(MOVE.format(of_days.pk), typed)
    assert page.context["form"].errors
    assert parse(page).part("[name=reason]").text.strip() == HALL
    assert not ConferenceChange.objects.exists()


@pytest.mark.parametrize("last", ["", "day"])
@pytest.mark.parametrize("days", [-3, 1])
def test_a_last_day_that_was_left_empty_is_not_wrong(as_organiser, of_days, last, days):
    """The day has passed, or comes before the deadline of the vote."""
    update_elections(of_days, closes_at=timezone.now() + 5 * DAY)
    day = f"{timezone.now() + days * DAY:%Y-%m-%d}"
    typed = {"starts_at": day, "ends_at": last and day, "time_zone": "Europe/Berlin", "place": "Bonn"}
    page = as_organiser.post(MOVE.format(of_days.pk), typed | {"reason": HALL})
    assert list(page.context["form"].errors) == ["ends_at" if last else "starts_at"]
    assert not ConferenceChange.objects.exists()


def test_times_of_day_can_be_added_to_days(as_organiser, of_days):
    url = MOVE.format(of_days.pk)
    assert "?times=1" in parse(as_organiser.get(url)).links
    page = parse(as_organiser.get(url + "?times=1"))
    assert page.attributes("[name=starts_at]", "type") == ["datetime-local"]


@pytest.mark.parametrize("typed", [{"starts_at": ""}, {"ends_at": "soon"}, {"reason": ""}, {"place": "a\nb"}])
def test_bad_input_is_refused_in_words(as_organiser, conference, typed):
    page = as_organiser.post(MOVE.format(conference.pk), entered(conference, **typed))
    assert (page.status_code, list(page.context["form"].errors)) == (200, list(typed))
    assert not ConferenceChange.objects.exists()


def test_the_form_of_a_conference_with_members_does_not_move_it(as_organiser, conference, alice):
    page = parse(as_organiser.get(FORM.format(conference.pk)))
    for name in ("starts_at", "ends_at", "time_zone", "place"):
        assert page.has(f"[name={name}][disabled]")
    assert MOVE.format(conference.pk) in parse(as_organiser.get(OVERVIEW.format(conference.pk))).links


@pytest.mark.parametrize(
    ("field", "leads_to"),
    [("starts_at", MOVE), ("time_zone", MOVE), ("voting_closes_at", "/admin/voting/votes/{}/move-deadline/")],
)
def test_a_field_that_is_fixed_leads_to_the_page_that_changes_it(
    as_organiser, conference, alice, field, leads_to
):
    page = parse(as_organiser.get(FORM.format(conference.pk)))
    assert page.part(f"#id_{field}_helptext").links == [leads_to.format(conference.pk)]


def test_an_import_that_moves_a_conference_notifies_its_members(conference, alice, organiser):
    row = MovedRow(
        1, Conference(starts_at=conference.starts_at + DAY, ends_at=conference.ends_at + DAY), conference
    )
    with pytest.raises(ValidationError, match="it has members"):
        row.move(by=Actor.of_command())
    row.move(by=Actor(organiser))
    assert ConferenceChange.objects.get().act == "moved"


# Taking it off the site


def test_taking_it_off_keeps_the_reason_for_members(unpublish, client, alice):
    assert unpublish() == unpublish()
    assert client.get("/conferences/open-conf/").status_code == 404
    client.force_login(alice.user)
    assert LAW in parse(client.get("/conferences/open-conf/")).text
    assert Campaign.objects.filter(kind="conference").count() == 1


def test_members_are_notified_that_it_is_off_the_site(unpublish, alice):
    message = sent_of(unpublish())[alice.user.email]
    assert message.subject == "Open Conf was taken off the site"
    assert LAW in message.body


def test_not_while_voting_is_open(conference, organiser):
    with pytest.raises(ValidationError, match="Voting is open"):
        unpublish_conference(conference=conference, reason=LAW, by=Actor(organiser))
    assert Conference.objects.get().status == "active"


def test_a_conference_with_members_is_not_deactivated_without_a_notice(conference, alice, organiser):
    update_elections(closes_at=timezone.now())
    with pytest.raises(ValidationError, match="1 person has joined Open Conf"):
        deactivate_conference(conference=conference, by=Actor(organiser))


def test_publishing_it_again_forgets_the_reason(unpublish, conference, organiser):
    unpublish()
    publish_conference(conference=conference, by=Actor(organiser))
    found = Conference.objects.get()
    assert (found.status, found.stopped_at, found.stop_reason) == ("active", None, "")


def test_the_page_names_people_and_votes(as_organiser, conference, alice, bob):
    make_vote(alice, bob)
    update_elections(closes_at=timezone.now())
    page = parse(as_organiser.get(OFF.format(conference.pk)))
    assert "2 members get an email" in page.text
    assert "1 vote was cast" in page.text
    for _ in range(2):
        assert as_organiser.post(OFF.format(conference.pk), {"reason": LAW}).status_code == 302
    assert Conference.objects.get().status == "inactive"


def test_while_voting_is_open_the_page_leads_to_closing_it_and_has_no_form(as_organiser, conference, alice):
    page = parse(as_organiser.get(OFF.format(conference.pk)))
    assert f"/admin/voting/votes/{conference.pk}/close/" in page.part(".desk-panel").links
    assert not page.has("[name=reason]")
    as_organiser.post(OFF.format(conference.pk), {"reason": LAW})
    assert Conference.objects.get().status == "active"


def test_the_form_of_a_conference_with_members_does_not_take_it_off(as_organiser, alice):
    update_elections(closes_at=timezone.now())
    page = parse(as_organiser.get(FORM.format(alice.conference_id)))
    assert not page.has("[name=status]")
    assert page.has(f'a[href="{OFF.format(alice.conference_id)}"]')


@pytest.mark.parametrize("path", [MOVE, OFF])
def test_only_those_who_may_change_the_conference_open_it(client, roles, path):
    conference = make_conference()
    make_membership(conference)
    log_in_freshly(client, make_user("staff@example.org", is_staff=True))
    assert client.post(path.format(conference.pk), {"reason": LAW}).status_code == 403


# What is attached for the calendar.


def attached(message):
    [(name, content, kind)] = message.attachments
    assert (name, kind) == ("conference.ics", "text/calendar")
    return Calendar.from_ical(content)


def test_a_moved_conference_replaces_its_entry_in_the_members_calendar(client, move, alice, conference):
    before = Calendar.from_ical(client.get("/conferences/open-conf.ics").content).events[0]
    calendar = attached(sent_of(move())[alice.user.email])
    (event,) = calendar.events
    assert (calendar["method"], event["status"], event["uid"]) == ("PUBLISH", "CONFIRMED", before["uid"])
    assert event["sequence"] >= before["sequence"]
    assert (event["summary"], event["location"]) == ("Open Conf", "Lyon, France")
    assert f"It was to start on {in_zone(conference, conference.starts_at)}." in event["description"]


def test_a_cancelled_conference_leaves_the_members_calendar(client, alice, conference, organiser):
    before = Calendar.from_ical(client.get("/conferences/open-conf.ics").content).events[0]
    change = cancel_conference(conference=conference, reason=LAW, by=Actor(organiser))
    calendar = attached(sent_of(change)[alice.user.email])
    (event,) = calendar.events
    assert (calendar["method"], event["status"], event["uid"]) == ("CANCEL", "CANCELLED", before["uid"])
    assert event["sequence"] >= before["sequence"]


def test_nothing_is_attached_when_a_conference_is_taken_off_the_site(unpublish, alice):
    assert sent_of(unpublish())[alice.user.email].attachments == []


# Back on the site.


def test_members_who_read_that_it_was_taken_off_read_that_it_is_back(unpublish, alice, conference, organiser):
    unpublish()
    for _ in range(2):
        publish_conference(conference=conference, by=Actor(organiser))
    change = ConferenceChange.objects.get(act="republished")
    message = sent_of(change)[alice.user.email]
    assert message.subject == "Open Conf is back on the site"
    assert "reason" not in message.body


def test_the_page_on_publishing_again_says_that_members_are_notified(
    as_organiser, unpublish, conference, alice
):
    unpublish()
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/publish/"))
    assert "Members get an email" in page.text
    assert "No one gets an email" not in page.text


def test_a_conference_that_no_one_heard_was_off_the_site_is_published_without_an_email(organiser):
    conference = make_conference(status="inactive")
    publish_conference(conference=conference, by=Actor(organiser))
    assert not ConferenceChange.objects.exists()
