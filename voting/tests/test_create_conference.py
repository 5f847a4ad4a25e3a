"""Creating a conference in three steps, each of which stores a draft."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.actions import publish_conference
from conferences.copying.dates import Dates
from conferences.creating.dates import suggested_window
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member
from voting.elections.election.models import Election

pytestmark = pytest.mark.django_db
CREATE = "/admin/conferences/conference/create/"
WHAT = {"title": "Bread Days", "place": "Lyon, France"}
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def in_days(number):
    return (timezone.now() + number * DAY).date().isoformat()


def begin(client, **typed):
    return client.post(CREATE, WHAT | typed)


def only_one():
    return Conference.objects.select_related("election", "admission").get()


@pytest.fixture
def draft(as_organiser):
    begin(as_organiser)
    return only_one()


def step(conference, name):
    return f"/admin/conferences/conference/{conference.pk}/create/{name}/"


def overview(client, conference):
    return parse(client.get(f"/admin/conferences/conference/{conference.pk}/"))


# --- what and where ----------------------------------------------------------------------------


def test_first_step_stores_a_draft_in_the_time_zone_of_its_place(as_organiser, organiser):
    answer = begin(as_organiser)
    made = only_one()
    assert answer.headers["Location"] == step(made, "when")
    assert (made.status, made.slug, made.time_zone) == ("draft", "bread-days", "Europe/Paris")
    assert (made.created_by, made.has_dates) == (organiser, False)
    assert AdminAct.objects.filter(of_conference=made.pk, what="Created.").exists()


def test_same_form_twice_stores_one_draft(as_organiser):
    begin(as_organiser)
    # Not by the response that is kept for a double click.
    begin(as_organiser, browser_zone="UTC")
    assert Conference.objects.count() == 1


def test_two_conferences_of_one_title_get_two_url_names(as_organiser, draft):
    Conference.objects.update(has_dates=True)
    begin(as_organiser)
    assert set(Conference.objects.values_list("slug", flat=True)) == {"bread-days", "bread-days-2"}


def test_title_without_latin_letters_gets_a_url_name(as_organiser):
    begin(as_organiser, title="パンの日")
    assert only_one().slug.startswith("conference-")


@pytest.mark.parametrize(
    ("address", "title", "expected"),
    [
        ("bread-days", "Cake Days", "cake-days"),
        ("bread-days-2", "Cake Days", "cake-days"),
        ("bread-days", "Bread days!", "bread-days"),
        ("our-own-one", "Cake Days", "our-own-one"),
        ("bread-days-2027-lyon", "Cake Days", "bread-days-2027-lyon"),
    ],
)
def test_web_address_follows_the_title_of_a_draft_unless_it_was_typed(
    as_organiser, draft, address, title, expected
):
    Conference.objects.update(slug=address)
    as_organiser.post(step(draft, "what"), WHAT | {"title": title, "time_zone": draft.time_zone})
    assert only_one().title == title
    assert only_one().slug == expected


def test_web_address_that_follows_the_title_is_free_and_stays_hard_to_guess(as_organiser, draft):
    make_conference(title="Cake Days", slug="cake-days")
    as_organiser.post(step(draft, "who"), {"who": "link"})
    as_organiser.post(step(draft, "what"), WHAT | {"title": "Cake Days", "time_zone": draft.time_zone})
    found = Conference.objects.get(pk=draft.pk)
    assert re.fullmatch(r"cake-days-2-[a-z2-9]{10}", found.slug)


def test_place_where_clocks_differ_asks_for_the_zone_and_keeps_what_was_typed(as_organiser):
    page = parse(begin(as_organiser, place="Springfield, USA", browser_zone="America/Denver"))
    assert page.has("details[open] #id_time_zone")
    assert page.attributes("#id_time_zone option[selected]", "value")[0] == "America/Denver"
    assert page.attributes("#id_title", "value") == ["Bread Days"]
    assert not Conference.objects.exists()


def test_zone_that_was_chosen_comes_before_that_of_the_place(as_organiser):
    begin(as_organiser, time_zone="Asia/Tokyo")
    assert only_one().time_zone == "Asia/Tokyo"


@pytest.mark.parametrize(("browser", "zone"), [("Asia/Kolkata", "Asia/Kolkata"), ("Mars/Olympus", None)])
def test_online_conference_is_in_the_zone_of_the_browser(as_organiser, browser, zone):
    begin(as_organiser, place="Online", browser_zone=browser)
    assert Conference.objects.values_list("time_zone", flat=True).first() == zone


def test_online_conference_is_in_the_zone_of_the_last_one(as_organiser, organiser):
    make_conference(created_by=organiser, time_zone="Africa/Lagos")
    begin(as_organiser, place="Online", browser_zone="Asia/Kolkata")
    assert Conference.objects.get(title="Bread Days").time_zone == "Africa/Lagos"


@pytest.mark.parametrize(("place", "is_said"), [("Lyon, France", False), ("😀 Nowhereville", True)])
def test_second_step_says_if_the_zone_does_not_follow_from_the_place(as_organiser, place, is_said):
    begin(as_organiser, place=place, browser_zone="Asia/Kolkata")
    page = parse(as_organiser.get(step(only_one(), "when")))
    assert ("The place does not say which time zone it is in" in page.text) == is_said


def test_owner_of_one_series_is_not_asked_for_it(client):
    series = make_series()
    log_in_freshly(client, make_team_member(series, Role.OWNER).person)
    page = parse(client.get(CREATE))
    assert not page.has("#id_series")
    assert page.mentions(f"It is in the series “{series}”")
    begin(client)
    assert only_one().series == series


def test_series_of_another_team_is_refused(client):
    series, other = make_series(), make_series()
    person = make_team_member(series, Role.OWNER).person
    make_team_member(make_series(), Role.OWNER, user=person)
    log_in_freshly(client, person)
    page = parse(begin(client, series=other.pk))
    assert page.errors
    assert not Conference.objects.exists()


def test_those_who_may_create_nowhere_are_refused(client, conference):
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    assert client.get(CREATE).status_code == begin(client).status_code == 403


def test_other_zone_keeps_the_days_and_the_times_of_day(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60), "last_day": in_days(61)})
    as_organiser.post(step(draft, "what"), WHAT | {"place": "Tokyo, Japan", "time_zone": "Europe/Paris"})
    moved, zone = only_one(), ZoneInfo("Asia/Tokyo")
    assert moved.time_zone == "Asia/Tokyo"
    assert moved.is_all_day
    assert moved.starts_at.astimezone(zone).date().isoformat() == in_days(60)
    assert moved.election.opens_at.astimezone(zone).hour == 9


# --- when --------------------------------------------------------------------------------------


def test_draft_without_dates_leads_back_to_them(as_organiser, draft):
    page = overview(as_organiser, draft)
    assert page.attributes(".overview-step .button", "href") == [step(draft, "when")]
    assert "The dates are not set yet" in page.part(".overview-state").text


def test_voting_times_and_rules_follow_from_the_days(as_organiser, draft):
    answer = as_organiser.post(step(draft, "when"), {"first_day": in_days(60)})
    made = only_one()
    assert answer.headers["Location"] == step(draft, "who")
    opens, closes = (when.astimezone(made.zone) for when in (made.election.opens_at, made.election.closes_at))
    assert (opens.hour, closes.hour, (closes.date() - opens.date()).days) == (9, 20, 28)
    assert made.has_dates
    assert made.is_all_day
    assert made.election.rules_set_at


WINDOWS = [(200, 28), (30, 15), (10, 4), (2, None), (3, 1)]


@pytest.mark.parametrize(("days", "expected"), WINDOWS)
def test_suggested_vote_closes_well_before_the_conference(days, expected):
    now = timezone.now().replace(hour=12)
    starts = now + days * DAY
    found = suggested_window(Dates(starts, starts + DAY), now=now, zone=BERLIN)
    assert (found and (found.closes_at - found.opens_at).days) == expected


# Days from the opening to the conference, and to the end of the vote.
CHOSEN = [(60, 28), (35, 21), (28, 14), (20, 10), (2, 1)]


@pytest.mark.parametrize(("days", "expected"), CHOSEN)
def test_closing_time_follows_from_the_opening_that_was_chosen(as_organiser, draft, days, expected):
    typed = {"first_day": in_days(5 + days), "voting_opens_at": f"{in_days(5)}T10:00"}
    as_organiser.post(step(draft, "when"), typed)
    election = only_one().election
    opens, closes = (when.astimezone(draft.zone) for when in (election.opens_at, election.closes_at))
    assert (opens.hour, closes.hour, (closes.date() - opens.date()).days) == (10, 20, expected)


def test_vote_opens_tomorrow_morning_if_only_its_end_is_entered(as_organiser, draft):
    typed = {"first_day": in_days(60), "voting_closes_at": f"{in_days(5)}T18:30"}
    as_organiser.post(step(draft, "when"), typed)
    opens = only_one().election.opens_at.astimezone(draft.zone)
    tomorrow = timezone.now().astimezone(draft.zone).date() + DAY
    assert (opens.date(), opens.hour) == (tomorrow, 9)


def test_vote_that_opens_when_it_is_published_lasts_four_weeks_at_most(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(103), "opens": "when_published"})
    election = only_one().election
    opens, closes = (when.astimezone(draft.zone) for when in (election.opens_at, election.closes_at))
    assert (closes.date() - opens.date()).days == 28


def test_conference_that_is_too_close_asks_for_voting_times(as_organiser, draft):
    page = parse(as_organiser.post(step(draft, "when"), {"first_day": in_days(2)}))
    assert page.errors
    assert not only_one().has_dates


def test_times_that_were_entered_are_kept(as_organiser, draft):
    times = {"voting_opens_at": f"{in_days(3)}T10:00", "voting_closes_at": f"{in_days(5)}T18:30"}
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)} | times)
    opens = only_one().election.opens_at.astimezone(draft.zone)
    assert opens.strftime("%Y-%m-%dT%H:%M") == times["voting_opens_at"]


BAD = [
    {"first_day": ""},
    {"first_day": in_days(-3)},
    {"first_day": in_days(60), "last_day": in_days(50)},
    {"first_day": in_days(60), "voting_opens_at": f"{in_days(59)}T10:00"},
    {"first_day": in_days(60), "voting_opens_at": "x", "voting_closes_at": "y"},
    {"first_day": "9999-12-31"},
]


@pytest.mark.parametrize("typed", BAD)
def test_bad_dates_are_refused_at_their_field(as_organiser, draft, typed):
    page = parse(as_organiser.post(step(draft, "when"), typed))
    assert page.errors
    assert not only_one().has_dates


TWISTED = {"voting_opens_at": f"{in_days(9)}T10:00", "voting_closes_at": f"{in_days(8)}T10:00"}
SAID = [
    ({"first_day": "2020-01-01"}, "first_day", "Please choose a day that is still to come."),
    ({"first_day": in_days(0)}, "first_day", "Please choose a day that is still to come."),
    ({"first_day": in_days(60)} | TWISTED, "voting_closes_at", "Voting must close after it opens."),
    (
        {"first_day": in_days(60), "voting_opens_at": f"{in_days(-2)}T10:00"},
        "voting_opens_at",
        "This time has passed. Please choose a later one.",
    ),
    (
        {"first_day": in_days(60), "voting_opens_at": f"{in_days(70)}T10:00"},
        "voting_opens_at",
        "Voting has to open before the conference ends.",
    ),
    (
        {"first_day": in_days(20 * 365)},
        "first_day",
        "This is more than ten years ahead. Please check the year.",
    ),
    (
        {"first_day": in_days(60), "voting_closes_at": f"{in_days(-2)}T10:00"},
        "voting_closes_at",
        "This time has passed. Please choose a later one.",
    ),
]


@pytest.mark.parametrize(("typed", "field", "sentence"), SAID)
def test_bad_dates_are_refused_for_what_is_wrong_with_them(as_organiser, draft, typed, field, sentence):
    answer = as_organiser.post(step(draft, "when"), typed)
    assert answer.context["form"].errors == {field: [sentence]}


def test_opening_time_that_follows_is_named_only_where_one_is_asked_for(as_organiser, draft):
    page = parse(as_organiser.get(step(draft, "when")))
    assert "tomorrow at 09:00" in page.part("#vote .help .if-at-a-time").text


NOW = {"opens": "when_published"}


def test_vote_can_open_as_soon_as_the_conference_is_published(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)} | NOW)
    made = only_one()
    closes = made.election.closes_at.astimezone(made.zone)
    assert made.election.opens_when_published()
    assert (closes.hour, closes > timezone.now() + 20 * DAY) == (20, True)
    page = parse(as_organiser.get(step(draft, "when")))
    assert page.attributes("[name=opens][checked]", "value") == ["when_published"]
    assert page.attributes("#id_voting_opens_at", "value") in ([], [None])
    who = parse(as_organiser.get(step(draft, "who")))
    assert "Voting opens as soon as the conference is published" in who.part(".creating").text


def test_conference_that_is_too_close_asks_for_the_closing_time_only(as_organiser, draft):
    typed = {"first_day": in_days(2)} | NOW
    page = parse(as_organiser.post(step(draft, "when"), typed))
    assert page.texts(".has-errors label") == ["Voting closes"]
    as_organiser.post(step(draft, "when"), typed | {"voting_closes_at": f"{in_days(1)}T20:00"})
    assert only_one().election.opens_when_published()


def local_minute(draft, **ago):
    return (timezone.now() - timedelta(**ago)).astimezone(draft.zone).strftime("%Y-%m-%dT%H:%M")


def test_current_minute_counts_as_now(as_organiser, draft):
    times = {"voting_opens_at": local_minute(draft), "voting_closes_at": f"{in_days(5)}T18:30"}
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)} | times)
    assert only_one().election.opens_when_published()


def test_time_that_passed_an_hour_ago_is_refused_at_its_field(as_organiser, draft):
    times = {"voting_opens_at": local_minute(draft, hours=1), "voting_closes_at": f"{in_days(5)}T18:30"}
    page = parse(as_organiser.post(step(draft, "when"), {"first_day": in_days(60)} | times))
    assert page.texts(".has-errors label") == ["Voting opens"]
    assert page.attributes("#id_voting_opens_at", "value") == [times["voting_opens_at"]]


def overdue(draft):
    Election.objects.update(opens_at=timezone.now() - timedelta(hours=2))


def test_days_can_be_changed_after_the_opening_has_come(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)})
    overdue(draft)
    opens = only_one().election.opens_at
    kept = {"voting_closes_at": f"{in_days(20)}T20:00"}
    as_organiser.post(step(draft, "when"), {"first_day": in_days(61)} | kept | NOW)
    made = only_one()
    assert made.starts_at.astimezone(made.zone).date().isoformat() == in_days(61)
    assert made.election.opens_at == opens


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_vote_still_opens_when_published_in_another_zone(as_organiser, draft, zone):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)} | NOW)
    as_organiser.post(step(draft, "what"), WHAT | {"time_zone": zone})
    assert only_one().election.opens_when_published()


def test_all_errors_are_summed_up_on_top_with_links_to_their_fields(as_organiser, draft):
    page = parse(as_organiser.post(step(draft, "when"), {"voting_opens_at": "x"}))
    links = {"#id_first_day", "#id_voting_opens_at"}
    assert set(page.attributes(".desk-errors a", "href")) == links
    for field in links:
        assert page.has(f".desk-field.has-errors .errorlist + {field}")
        assert page.has(f"{field}[aria-invalid=true]")


def test_no_choice_of_who_may_join_is_an_error_at_the_choices(as_organiser, draft):
    page = parse(as_organiser.post(step(draft, "who"), {}))
    assert page.attributes(".desk-errors a", "href") == ["#id_who"]
    assert page.has("fieldset.has-errors#id_who")


def test_each_choice_of_who_may_join_says_whether_the_page_is_listed(as_organiser, draft):
    labels = parse(as_organiser.get(step(draft, "who"))).texts("#id_who label")
    assert ["in the list" in label for label in labels] == [True] * 4
    assert "from a list of addresses" in labels[2]


@pytest.mark.parametrize("name", ["what", "when", "who"])
def test_steps_name_what_follows_them(as_organiser, draft, name):
    page = parse(as_organiser.get(step(draft, name)))
    assert "before you publish it, which follows after these steps" in page.part("nav[aria-label=Steps]").text


def test_same_dates_twice_are_logged_once(as_organiser, draft):
    for _ in range(2):
        as_organiser.post(step(draft, "when"), {"first_day": in_days(60), "again": _})
    assert AdminAct.objects.filter(what="Dates set.").count() == 1


def test_draft_without_dates_is_not_published(as_organiser, organiser, draft):
    with pytest.raises(ValidationError, match="set the dates"):
        publish_conference(conference=draft, by=Actor(organiser))
    with pytest.raises(IntegrityError), transaction.atomic():
        Conference.objects.update(status="active")


def test_dates_on_the_form_of_the_details_count_too(as_organiser, draft):
    url = f"/admin/conferences/conference/{draft.pk}/change/"
    assert parse(as_organiser.get(url)).attributes("#id_starts_at", "value") in ([], [""], [None])


# --- who may join ------------------------------------------------------------------------------


WHO = {
    "everyone": ("public", True, False, False),
    "link": ("unlisted", True, False, False),
    "roster": ("public", False, True, False),
    "request": ("public", False, False, True),
}


@pytest.mark.parametrize(("who", "expected"), WHO.items())
def test_choice_sets_who_joins_and_who_finds_it(as_organiser, draft, who, expected):
    as_organiser.post(step(draft, "who"), {"who": who})
    made = only_one()
    rules = made.admission
    assert (made.visibility, rules.everyone, rules.roster, rules.approval) == expected
    page = parse(as_organiser.get(step(draft, "who")))
    assert page.attributes("[name=who][checked]", "value") == [who]


def test_url_name_of_a_conference_for_those_with_the_link_is_hard_to_guess(as_organiser, draft):
    as_organiser.post(step(draft, "who"), {"who": "link"})
    slug = only_one().slug
    as_organiser.post(step(draft, "who"), {"who": "link"})
    assert only_one().slug == slug
    assert len(slug) > len("bread-days-123456789")


def test_last_step_names_who_answers_questions_and_leads_to_where_that_is_changed(client):
    series = make_series()
    make_team_member(series, Role.OWNER, name="Olga Owner")
    chair = make_team_member(series, Role.ORGANISER, name="Jonas").person
    log_in_freshly(client, chair)
    begin(client)
    made = only_one()
    shown = parse(client.get(step(made, "who"))).part("#contact")
    assert f"name you, Jonas, and replies go to {chair.email}." in shown.text
    details = f"/admin/conferences/conference/{made.pk}/change/"
    assert shown.links == [f"{details}#id_contact_name"]
    assert parse(client.get(details)).has("#id_contact_name")
    Conference.objects.update(contact_name="Guild", contact_email="guild@example.org")
    shown = parse(client.get(step(made, "who"))).part("#contact")
    assert "name Guild, and replies go to guild@example.org." in shown.text


def test_roster_is_pasted_next(as_organiser, draft):
    answer = as_organiser.post(step(draft, "who"), {"who": "roster"})
    assert answer.headers["Location"] == f"/admin/conferences/conference/{draft.pk}/roster/import/"


def test_rules_of_the_vote_are_summed_up_with_a_link_to_change_them(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)})
    page = parse(as_organiser.get(step(draft, "who")))
    assert "Voting opens on " in page.part(".creating").text
    assert f"/admin/voting/votes/{draft.pk}/rules/" in page.links


# --- from nothing to a vote, and others --------------------------------------------------------


def test_three_steps_and_publishing_lead_to_a_vote_that_opens(as_organiser, draft):
    as_organiser.post(step(draft, "when"), {"first_day": in_days(60)})
    as_organiser.post(step(draft, "who"), {"who": "everyone"})
    publish = f"/admin/conferences/conference/{draft.pk}/publish/"
    assert overview(as_organiser, draft).attributes(".overview-step .button", "href") == [publish]
    as_organiser.post(publish)
    assert only_one().election.state() == "scheduled"


@pytest.mark.parametrize("name", ["what", "when", "who"])
def test_steps_of_a_published_conference_lead_to_its_details(as_organiser, conference, name):
    answer = as_organiser.post(step(conference, name), {})
    assert answer.headers["Location"] == f"/admin/conferences/conference/{conference.pk}/change/"


@pytest.mark.parametrize("name", ["what", "when", "who"])
def test_steps_of_another_teams_draft_do_not_exist(client, draft, name):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert client.get(step(draft, name)).status_code == 404
