"""Conferences in people's own calendars."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from accounts.actors import Actor
from accounts.calendar_keys import calendar_secret, renew_calendar_key
from accounts.models import User
from accounts.my_data.erasure import erase_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership

pytestmark = pytest.mark.django_db


def events_of(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content).events


def event_of(client, **columns):
    make_conference(slug="open-conf", **columns)
    return events_of(client.get("/conferences/open-conf.ics"))[0]


@pytest.fixture
def alices_calendar(alice):
    renew_calendar_key(by=Actor(alice.user))
    return f"/conferences.ics?key={calendar_secret(alice.user)}"


def test_conference_is_an_event_in_utc(client):
    starts_at = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
    ends_at = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    event = event_of(
        client, title="Open Conf", starts_at=starts_at, ends_at=ends_at, time_zone="Asia/Kolkata"
    )
    assert (event["summary"], event.start, event.end) == ("Open Conf", starts_at, ends_at)
    assert event["status"] == "CONFIRMED"


def test_conference_of_whole_days_has_days_with_an_exclusive_end(client):
    starts_at = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
    ends_at = datetime(2026, 11, 27, 22, 59, tzinfo=UTC)
    event = event_of(client, starts_at=starts_at, ends_at=ends_at, time_zone="Europe/Berlin")
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 26), date(2026, 11, 28))


def test_event_keeps_its_identity_and_counts_changes(client):
    before = event_of(client, title="Old title")
    changed = timezone.now() + timedelta(minutes=1)
    Conference.objects.update(title="New title", updated_at=changed)
    after = events_of(client.get("/conferences/open-conf.ics"))[0]
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


def test_event_tells_place_agenda_and_page(client):
    event = event_of(client, place="Athens; Greece, EU", agenda="Line one\nLine two \\ three")
    assert event["location"] == "Athens; Greece, EU"
    assert "Line one\nLine two \\ three" in event["description"]
    assert event["url"].endswith("/conferences/open-conf/")


def test_agenda_of_an_event_has_no_markdown(client):
    agenda = "# Day one\n\n**Talks** of [Bob](https://example.org/bob)\n\n1986. A great year\n\n- Vec<String>"
    description = event_of(client, agenda=agenda, title="Old")["description"]
    assert (
        "Day one\n\nTalks of Bob (https://example.org/bob)\n\n1986. A great year\n\n- Vec<String>"
        in description
    )


def test_agenda_of_an_event_is_cut_with_a_mark(client):
    description = str(event_of(client, agenda="word " * 1000)["description"])
    assert "word…\n\nhttp" in description
    assert len(description) < 2200


def test_text_cannot_end_its_line_and_start_another(client):
    event = event_of(client, agenda="Hello\r\nEND:VEVENT\x0b\x00\r\nATTACH:file:///etc/passwd")
    assert "ATTACH" not in event
    assert "\x0b" not in event["description"]


def test_close_of_an_open_vote_is_an_event_with_a_reminder(client, conference):
    closes = events_of(client.get("/conferences/open-conf.ics"))[1]
    assert closes["summary"] == "Voting closes: Open Conf"
    assert closes.start == conference.election.closes_at.replace(microsecond=0)
    assert closes.walk("VALARM")[0]["trigger"].dt == timedelta(days=-1)


@pytest.mark.parametrize(
    "columns", [{}, {"voting": "closed"}, {"voting": "open", "decided_at": timezone.now()}]
)
def test_no_close_where_no_vote_is_ahead(client, columns):
    make_conference(slug="open-conf", **columns)
    assert len(events_of(client.get("/conferences/open-conf.ics"))) == 1


@pytest.mark.parametrize("status", ["draft", "inactive"])
def test_calendar_of_a_conference_that_is_not_on_the_list_is_404(client, conference, status):
    Conference.objects.update(status=status)
    assert client.get("/conferences/open-conf.ics").status_code == 404


@pytest.mark.parametrize("slug", ["nowhere", "%00", "Open Conf", "a" * 5000, "..%2f"])
def test_calendar_of_a_strange_slug_is_404(client, db, slug):
    assert client.get(f"/conferences/{slug}.ics").status_code == 404


def test_my_calendar_has_the_conferences_i_joined(client, alices_calendar):
    make_conference(title="Another")
    titles = [str(event["summary"]) for event in events_of(client.get(alices_calendar))]
    assert titles == ["Open Conf", "Voting closes: Open Conf"]


def test_my_calendar_forgets_a_conference_i_left(client, alice, alices_calendar):
    Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now())
    assert events_of(client.get(alices_calendar)) == []


def test_my_calendar_says_that_a_conference_was_taken_off_the_list(client, alices_calendar):
    Conference.objects.update(status="inactive")
    (event,) = events_of(client.get(alices_calendar))
    assert event["status"] == "TENTATIVE"
    assert "The organisers have taken this conference off the list." in event["description"]


def test_my_calendar_never_has_a_draft(client, alices_calendar):
    Conference.objects.update(status="draft")
    assert events_of(client.get(alices_calendar)) == []


def test_my_calendar_takes_the_same_queries_for_many_conferences(
    client, alice, alices_calendar, django_assert_num_queries
):
    for _number in range(5):
        make_membership(make_conference(voting="open"), user=alice.user)
    with django_assert_num_queries(2):
        assert len(events_of(client.get(alices_calendar))) == 12


@pytest.mark.parametrize("key", ["", "x", "1-", "%00", "1-abc.def", "é.é", "a" * 5000])
def test_wrong_secret_is_404(client, alices_calendar, key):
    assert client.get(f"/conferences.ics?key={key}").status_code == 404


def test_secret_of_another_person_s_row_is_404(client, alice, bob, alices_calendar):
    renew_calendar_key(by=Actor(bob.user))
    signature = calendar_secret(alice.user).rpartition(".")[2]
    forged = calendar_secret(bob.user).rpartition(".")[0]
    assert client.get(f"/conferences.ics?key={forged}.{signature}").status_code == 404


def test_renewing_ends_the_old_address(as_alice, alice, alices_calendar):
    answer = as_alice.post("/me/calendar/renew/", follow=True)
    assert "The old one no longer works." in parse(answer).text
    assert as_alice.get(alices_calendar).status_code == 404
    alice.user.refresh_from_db()
    assert as_alice.get(f"/conferences.ics?key={calendar_secret(alice.user)}").status_code == 200


def test_removing_ends_the_address(as_alice, alice, alices_calendar):
    assert as_alice.post("/me/calendar/remove/").status_code == 302
    assert as_alice.get(alices_calendar).status_code == 404


@pytest.mark.parametrize("verb", ["renew", "remove"])
def test_calendar_address_changes_by_post_only_and_for_oneself(client, alice, alices_calendar, verb):
    assert client.post(f"/me/calendar/{verb}/").status_code == 302
    client.force_login(alice.user)
    assert client.get(f"/me/calendar/{verb}/").status_code == 405
    assert client.get(alices_calendar).status_code == 200


def test_disabled_person_has_no_calendar(client, alice, alices_calendar):
    User.objects.filter(pk=alice.user_id).update(is_active=False)
    assert client.get(alices_calendar).status_code == 404


def test_my_page_shows_the_address_and_no_other_place_keeps_it(as_alice, alice, alices_calendar):
    shown = parse(as_alice.get("/me/")).attributes("input", "value")
    assert any(calendar_secret(alice.user) in value for value in shown)
    assert alice.user.calendar_key not in as_alice.get(alices_calendar).content.decode()


def test_my_calendar_is_kept_by_no_shared_cache(client, alices_calendar):
    assert "private" in client.get(alices_calendar)["Cache-Control"]


def test_conference_page_offers_its_calendar(client, conference):
    assert "/conferences/open-conf.ics" in parse(client.get("/conferences/open-conf/")).links


def test_deleted_account_has_no_calendar(client, alice, alices_calendar):
    alice.user.refresh_from_db()
    erase_user(user=alice.user)
    assert User.objects.get(pk=alice.user_id).calendar_key == ""
