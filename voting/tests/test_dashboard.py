"""The first page of the admin: what a person runs, what waits for them, and the next step of each."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.actions import create_conferences
from conferences.local_times import in_zone
from conferences.models import Admission, Conference, Role
from conferences.tests.admission import ask, only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.models import Campaign
from voting.desk.dashboard import managed_conferences
from voting.desk.dashboard_panels import EMPTY_PANEL, STEP_PANEL, VOTE_LINE, next_step, vote_line
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide

pytestmark = pytest.mark.django_db
STEP = ".runs-step a"


@pytest.fixture
def closed():
    return make_conference(title="Closed Conf", voting="closed")


def shown(client, query=""):
    return parse(client.get(f"/admin/{query}")).part("#dashboard")


def titles(client, query=""):
    return shown(client, query).texts(".runs h2")


def as_role(client, scope, role=Role.ORGANISER, **columns):
    return log_in_freshly(client, make_team_member(scope, role, **columns).person)


# --- what waits --------------------------------------------------------------------------------


def test_campaigns_to_review_are_counted_for_each_conference_and_linked(as_organiser, alice, bob):
    make_campaign(alice)
    assert "1 campaign to review" in shown(as_organiser).text
    make_campaign(bob)
    link = f"/admin/voting/campaign/?status__exact=requested&conference__id__exact={alice.conference.pk}"
    assert link in shown(as_organiser).links
    assert "2 campaigns to review" in shown(as_organiser).text


@pytest.mark.parametrize("wrote", ["requested_by", "edited_by"])
def test_campaign_in_ones_own_words_waits_for_others(as_organiser, organiser, client, conference, wrote):
    words = {"subject": "Meet them", "is_standard_text": False, wrote: organiser}
    Campaign.objects.create(conference=conference, kind="candidates", **words)
    assert "1 campaign to review" not in shown(as_organiser).text
    assert "1 campaign to review" in shown(as_role(client, conference)).text


def test_campaign_for_oneself_waits_for_others(as_organiser, organiser, conference):
    make_campaign(make_membership(conference, user=organiser))
    assert "1 campaign to review" not in shown(as_organiser).text


def test_link_to_the_campaigns_leads_to_those_of_the_conference(client, conference, alice):
    make_campaign(alice)
    make_campaign(make_membership(make_conference()), subject="Elsewhere")
    as_role(client, conference, Role.REVIEWER)
    [link] = [link for link in shown(client).links if "campaign" in link]
    assert parse(client.get(link)).texts("#result_list .field-subject") == ["Why I should speak"]


def test_requests_to_join_are_counted_for_each_conference_and_linked(as_organiser, conference, stranger, bob):
    other = only(make_conference(title="Other Conf"), approval=True)
    ask(only(conference, approval=True), stranger)
    for person in (stranger, bob.user):
        ask(other, person)
    page = shown(as_organiser)
    found = {f"/admin/conferences/conference/{c.pk}/joining/" for c in (conference, other)}
    assert found <= set(page.links)
    assert ("1 request to join" in page.text, "2 requests to join" in page.text) == (True, True)


def test_closed_vote_without_a_decision_waits(as_organiser, closed):
    [step] = shown(as_organiser).texts(f'a.button[href="/admin/voting/votes/{closed.pk}/decision/"]')
    assert step == "Choose the speaker (Closed Conf)"


def test_all_that_waits_is_counted_and_the_most_urgent_is_the_next_step(as_organiser, closed):
    member = make_membership(closed)
    make_campaign(member)
    page = shown(as_organiser)
    assert page.part("#waiting").text == "2 things are waiting for you."
    assert page.texts(STEP) == ["Choose the speaker (Closed Conf)"]
    assert page.texts(".runs-waits a") == ["1 campaign to review"]


def test_without_work_nothing_waits(as_organiser, conference):
    assert shown(as_organiser).part("#waiting").text == "Nothing is waiting for you."


def test_the_pages_of_one_application_have_no_dashboard(as_organiser, closed):
    assert not parse(as_organiser.get("/admin/voting/")).has("#dashboard")


def test_a_vote_that_is_decided_does_not_wait(as_organiser, organiser, closed):
    close_and_decide(conference=closed, candidate=make_membership(closed), by=organiser, reason="Best")
    page = shown(as_organiser)
    assert "Nothing is waiting" in page.text
    assert "The chosen member has not answered yet." in page.text


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Conference, {"status": "inactive"}),
        (Election, {"rules_set_at": None}),
        (Conference, {"starts_at": timezone.now() - timedelta(3), "ends_at": timezone.now() - timedelta(2)}),
    ],
)
def test_what_can_no_longer_be_decided_does_not_wait(as_organiser, closed, model, columns):
    model.objects.update(**columns)
    assert "Nothing is waiting" in shown(as_organiser).text


@pytest.mark.parametrize("status", ["draft", "active"])
def test_dates_without_rules_are_shown_counted_and_the_rules_are_the_next_step(as_organiser, status):
    conference = make_conference(title="Dated", voting="scheduled", rules_set_at=None, status=status)
    page, election = shown(as_organiser), conference.election
    assert page.part("#waiting").text == "1 thing is waiting for you."
    assert page.texts(STEP) == ["Set the rules of the vote (Dated)"]
    assert f"/admin/voting/votes/{conference.pk}/rules/" in page.links
    dates = [in_zone(conference, time) for time in (election.opens_at, election.closes_at)]
    assert [date in page.text for date in dates] == [True, True]
    assert (page.mentions("before its rules are set"), page.mentions("not scheduled")) == (True, False)


def test_rules_wait_for_no_one_once_the_dates_have_passed_or_where_they_cannot_be_set(client, as_organiser):
    conference = make_conference(voting="closed", rules_set_at=None)
    make_conference(voting="scheduled", rules_set_at=None, status="inactive")
    assert "Nothing is waiting" in shown(as_organiser).text
    update_elections(conference, closes_at=timezone.now() + timedelta(9))
    assert "Nothing is waiting" in shown(as_role(client, conference, Role.OBSERVER)).text


def test_tally_of_dates_without_rules_does_not_deny_the_dates(as_organiser):
    conference = make_conference(voting="scheduled", rules_set_at=None)
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/turnout/"))
    assert (page.mentions("Rules not set"), page.mentions("not scheduled")) == (True, False)


def test_list_says_of_dates_that_the_rules_are_not_set(as_organiser):
    make_conference(voting="scheduled", rules_set_at=None)
    page = parse(as_organiser.get("/admin/conferences/conference/"))
    assert page.texts("#result_list .field-voting") == ["Rules not set"]


@pytest.mark.parametrize(("voting", "there"), [("scheduled", True), ("unscheduled", False)])
def test_filter_of_the_list_finds_dates_without_rules(as_organiser, voting, there):
    make_conference(title="Dated", voting="scheduled", rules_set_at=None)
    page = parse(as_organiser.get(f"/admin/conferences/conference/?voting={voting}"))
    assert page.texts("#result_list .field-full_title") == (["Dated"] if there else [])


@pytest.mark.parametrize(
    ("codenames", "there"),
    [
        ([], (False, False)),
        (["view_campaign", "view_election"], (False, False)),
        (["view_campaign", "review_campaign"], (True, False)),
        (["view_election", "add_decision"], (False, True)),
    ],
)
def test_staff_read_only_what_they_may_do(client, alice, closed, codenames, there):
    make_campaign(alice)
    person = make_user("staff@example.org", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=[*codenames, "view_conference"]))
    page = shown(log_in_freshly(client, person))
    assert (page.mentions("to review"), page.mentions("Choose the speaker")) == there


WAITS_FOR = {
    Role.OWNER: {"request", "campaign", "Choose"},
    Role.ORGANISER: {"request", "campaign", "Choose"},
    Role.REVIEWER: {"campaign"},
    Role.HELP_DESK: {"request"},
    Role.OBSERVER: set(),
}


@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_what_waits_for_it_and_nothing_else(client, closed, stranger, role):
    make_campaign(make_membership(closed))
    ask(only(closed, approval=True), stranger)
    text = shown(as_role(client, closed, role)).text
    assert {word for word in ("request", "campaign", "Choose") if word in text} == WAITS_FOR[Role(role)]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK])
def test_no_one_without_the_tally_learns_of_a_decision(client, organiser, closed, role):
    as_role(client, closed, role)
    before = shown(client).source
    close_and_decide(conference=closed, candidate=make_membership(closed), by=organiser, reason="Best")
    assert shown(client).source == before


# --- which conferences, in which order -----------------------------------------------------------


def test_dashboard_has_ones_own_conferences_and_no_others(client, conference):
    own, series = make_conference(title="Own Conf"), make_series()
    make_conference(title="Of the series", series=series)
    person = make_team_member(own, Role.HELP_DESK).person
    make_team_member(series, Role.OBSERVER, user=person)
    assert set(titles(log_in_freshly(client, person))) == {"Own Conf", "Of the series"}


@pytest.mark.parametrize("person", ["anonymous", "stranger", "member"])
def test_who_runs_nothing_has_no_dashboard(client, stranger, alice, person):
    if found := {"stranger": stranger, "member": alice.user}.get(person):
        client.force_login(found)
    assert client.get("/admin/").status_code == 302


def test_site_organiser_has_all(as_organiser, conference, closed):
    assert titles(as_organiser) == ["Closed Conf", "Open Conf"]


def in_days(days):
    return {"starts_at": timezone.now() + timedelta(days), "ends_at": timezone.now() + timedelta(days + 1)}


def test_what_waits_comes_first_then_what_is_due_next_then_the_past(as_organiser):
    make_conference(title="Last year", **in_days(-300))
    make_conference(title="Last month", **in_days(-30))
    make_conference(title="Starts in 3 days", **in_days(3))
    make_conference(title="Opens in a day", voting="scheduled", **in_days(40))
    make_conference(title="Closes in an hour", voting="open", closes_at=timezone.now() + timedelta(hours=1))
    waiting = make_conference(title="Has a campaign to review", **in_days(200))
    make_campaign(make_membership(waiting))
    assert titles(as_organiser) == [
        "Has a campaign to review",
        "Closes in an hour",
        "Opens in a day",
        "Starts in 3 days",
        "Last month",
        "Last year",
    ]


def test_dates_without_rules_are_sorted_by_the_opening(as_organiser):
    make_conference(title="Starts in 3 days", voting="scheduled", rules_set_at=None, **in_days(3))
    make_conference(title="Starts in 2 days", **in_days(2))
    person = make_team_member(make_series(), Role.OBSERVER).person
    Conference.objects.update(series=person.team_members.get().series)
    found = managed_conferences(person, [])
    assert [c.title for c in found] == ["Starts in 3 days", "Starts in 2 days"]


def test_times_are_those_of_the_conference_with_its_zone(client):
    conference = make_conference(voting="open", time_zone="Asia/Tokyo")
    assert "(Asia/Tokyo)" in shown(as_role(client, conference)).part(".runs").text


def test_conferences_are_searched_and_paged(as_organiser):
    now = timezone.now()
    rows = [
        Conference(
            title=f"Number {n}", slug=f"n-{n}", status="active", starts_at=now, ends_at=now + timedelta(9)
        )
        for n in range(45)
    ]
    create_conferences(conferences=rows)
    pages = [titles(as_organiser, f"?page={n}") for n in (1, 2, 3)]
    assert ([len(page) for page in pages], len({title for page in pages for title in page})) == (
        [20, 20, 5],
        45,
    )
    assert titles(as_organiser, "?q=number+44") == ["Number 44"]
    assert titles(as_organiser, "?page=nonsense") == pages[0]


def test_search_finds_no_conference_of_others(client, conference):
    as_role(client, make_conference(title="Own Conf"))
    page = shown(client, "?q=open")
    assert (page.texts(".runs h2"), "matches “open”" in page.text) == ([], True)


def test_search_finds_the_conferences_of_a_series(as_organiser, conference):
    make_conference(title="Autumn", series=make_series(name="Guild"))
    assert titles(as_organiser, "?q=guild") == ["Autumn"]


def test_creating_a_conference_is_a_button_like_the_others(as_organiser, conference):
    page = shown(as_organiser)
    assert page.attributes(".runs-head a.button", "href") == ["/admin/conferences/conference/create/"]


def test_a_conference_can_be_created_where_none_is_found(as_organiser, conference):
    page = shown(as_organiser, "?q=nonsense")
    assert (page.texts(".runs h2"), "/admin/conferences/conference/create/" in page.links) == ([], True)


def number_of_queries(client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/admin/").status_code == 200
    return len(captured)


@pytest.mark.parametrize("kind", ["site", "series"])
def test_more_conferences_cost_no_more_queries(client, roles, kind):
    series, now = make_series(), timezone.now()
    person = make_organiser("o@example.org") if kind == "site" else make_team_member(series).person
    log_in_freshly(client, person)
    for n in range(2):
        make_campaign(make_membership(make_conference(title=f"First {n}", series=series, voting="open")))
    few = number_of_queries(client)
    times = {"starts_at": now, "ends_at": now + timedelta(9)}
    create_conferences(
        conferences=[
            Conference(title=f"N {n}", slug=f"n-{n}", status="active", series=series, **times)
            for n in range(1000)
        ]
    )
    for conference in Conference.objects.filter(title__startswith="N ")[:30]:
        make_campaign(make_membership(conference))
    many = number_of_queries(client)
    assert (many <= few + 1, few <= 20) == (True, True), (few, many)


# --- the next step -------------------------------------------------------------------------------

ALL = {
    f"conferences.{may}"
    for may in ("view_conference", "change_conference", "view_rosterentry", "change_rosterentry")
} | {"voting.view_election", "voting.view_decision", "voting.add_decision"}
LOOKS = {"conferences.view_conference"}
HELPS = LOOKS | {"conferences.view_rosterentry", "conferences.change_rosterentry"}


def found(conference, **election):
    update_elections(conference, **election)
    return managed_conferences(make_user("site@example.org", is_superuser=True, is_staff=True), []).get(
        pk=conference.pk
    )


def draft(**election):
    return found(make_conference(voting="scheduled", status="draft"), **election)


def unscheduled():
    return found(make_conference())


def roster_votes():
    return found(make_conference(voting="scheduled"), who_votes="roster")


def roster_joins():
    conference = make_conference(voting="scheduled")
    Admission.objects.filter(conference=conference).update(everyone=False, roster=True)
    return found(conference)


def has_roster():
    conference = make_conference(voting="scheduled")
    make_entry(conference, "ada@example.org")
    return found(conference, who_votes="roster")


def decided():
    conference = make_conference(voting="closed")
    organiser = make_user("decides@example.org", is_staff=True, is_superuser=True)
    close_and_decide(
        conference=conference, candidate=make_membership(conference), by=organiser, reason="Best"
    )
    return found(conference)


STEPS = {
    "a draft without times": (lambda: draft(opens_at=None, closes_at=None), ALL, "schedule"),
    "dates that have passed without rules": (
        lambda: found(make_conference(voting="closed"), rules_set_at=None),
        ALL,
        "schedule",
    ),
    "a draft with both": (draft, ALL, "publish"),
    "a draft, for one who only looks": (draft, LOOKS, "look"),
    "not scheduled": (unscheduled, ALL, "schedule"),
    "not scheduled, for one who only looks": (unscheduled, LOOKS, "look"),
    "the roster votes and is empty": (roster_votes, ALL, "roster"),
    "the roster votes and is empty, for the help desk": (roster_votes, HELPS, "roster"),
    "the roster votes and is empty, for one who only looks": (roster_votes, LOOKS, "look"),
    "only the roster joins and it is empty": (roster_joins, ALL, "roster"),
    "the roster is there": (has_roster, ALL, "look"),
    "voting is scheduled": (lambda: found(make_conference(voting="scheduled")), ALL, "look"),
    "voting is open": (lambda: found(make_conference(voting="open")), ALL, "look"),
    "voting is closed, for one who only looks": (
        lambda: found(make_conference(voting="closed")),
        LOOKS,
        "look",
    ),
    "the chosen member has not answered": (decided, ALL, "unanswered"),
    "the same, for one who only looks": (decided, LOOKS, "look"),
    "inactive": (lambda: found(make_conference(status="inactive")), ALL, "look"),
    "over": (lambda: found(make_conference(starts_in_days=-9)), ALL, "look"),
}


@pytest.mark.parametrize("name", STEPS)
def test_next_step_of_each_state(name):
    make, permissions, state = STEPS[name]
    assert next_step(make(), permissions=permissions, waits=[]).state == state


def test_draft_is_published_knowing_who_may_join(client):
    """A person who left out the third step in which it is created has not chosen it."""
    conference = make_conference(voting="scheduled", status="draft")
    as_role(client, conference, Role.OWNER)
    said = shown(client).part(".runs-step").text
    assert said.startswith("Only its team sees it yet. Everyone with an account may join.")


def test_every_step_has_a_row():
    assert states_of(STEP_PANEL) == {state for *_, state in STEPS.values()} | {"waiting"}


@pytest.mark.parametrize("permissions", [ALL, HELPS, LOOKS], ids=["votes", "roster", "conference"])
def test_step_leads_to_a_page_that_the_person_may_open(permissions):
    conference = found(make_conference(voting="open"))
    facts = next_step(conference, permissions=permissions, waits=[]).facts
    assert str(conference.pk) in facts["page_url"]
    assert ("votes" in facts["page_url"], "roster" in facts["page_url"]) == (
        permissions is ALL,
        permissions is HELPS,
    )


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("voting", [None, "scheduled", "open", "closed"])
def test_every_link_of_the_dashboard_opens(client, role, voting):
    conference = make_conference(voting=voting, who_votes="roster")
    as_role(client, conference, role)
    links = {link.partition("#")[0] for link in shown(client).part(".runs").links}
    assert {client.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize("state", ["unscheduled", "scheduled", "open", "closed", "decided"])
def test_what_is_said_of_the_vote(state):
    if state == "decided":
        decided()
        Election.objects.update(speaker=Decision.objects.get().speaker)
        assert vote_line(Conference.objects.get()).state == state
    else:
        made = make_conference(voting=None if state == "unscheduled" else state)
        assert vote_line(found(made)).state == state
    assert state in states_of(VOTE_LINE)


def test_what_is_said_of_dates_without_rules():
    assert vote_line(draft(rules_set_at=None)).state == "without_rules"
    assert "without_rules" in states_of(VOTE_LINE)


def test_what_is_said_of_a_conference_that_took_place_without_a_vote():
    assert vote_line(found(make_conference(starts_in_days=-9))).state == "without_vote"


def test_only_what_waits_has_a_filled_button(as_organiser):
    make_conference(title="Draft", voting="scheduled", status="draft")
    make_conference(title="Undated")
    make_conference(title="Unlisted", voting="scheduled", who_votes="roster")
    make_conference(title="Unruled", voting="scheduled", rules_set_at=None)
    page = shown(as_organiser)
    assert len(page.texts(STEP)) == 4
    assert page.texts(f"{STEP}:not(.is-quiet)") == ["Set the rules of the vote (Unruled)"]


# --- where there is none yet ---------------------------------------------------------------------


def test_new_owner_of_a_series_creates_a_conference_or_invites(client):
    series = make_series(name="Guild")
    page = shown(as_role(client, series, Role.OWNER))
    links = {"/admin/conferences/conference/create/", f"/admin/conferences/series/{series.pk}/team/"}
    assert links <= set(page.links)
    assert [client.get(link).status_code for link in links] == [200, 200]


def test_observer_of_an_empty_series_reads_that_there_is_none(client):
    assert "There is no conference yet." in shown(as_role(client, make_series(), Role.OBSERVER)).text


def test_organiser_of_an_empty_site_creates_the_first(as_organiser):
    assert "/admin/conferences/conference/create/" in shown(as_organiser).links


def test_every_empty_state_is_known():
    assert states_of(EMPTY_PANEL) == {"none_found", "nothing", "create", "create_in_series"}


# --- the way there -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/me/"])
def test_who_runs_something_is_led_to_the_dashboard(client, conference, alice, path):
    as_role(client, conference)
    quiet = parse(client.get(path)).part("#organise")
    make_campaign(alice)
    waiting = parse(client.get(path)).part("#organise")
    assert (quiet.links, waiting.links) == (["/admin/"], ["/admin/"])
    assert "1 thing is waiting for you" in waiting.text


@pytest.mark.parametrize("path", ["/", "/me/"])
def test_members_are_not_led_there(as_alice, path):
    assert not parse(as_alice.get(path)).has("#organise")
