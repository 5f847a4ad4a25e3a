from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit_log import log_change
from accounts.models import AdminAct
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership, update_elections

pytestmark = pytest.mark.django_db
LIST = "/admin/conferences/conference/"
# Voting opens within two years from now.
YEAR = timezone.now().year + 1
NEW = {
    "title": "PyCon",
    "slug": "pycon",
    "visibility": "public",
    "topic": "",
    "website": "",
    "place": "Berlin, Germany",
    "time_zone": "Europe/Berlin",
    "starts_at": f"{YEAR}-07-01T09:00",
    "ends_at": f"{YEAR}-07-02T18:00",
    "agenda": "Talks",
    "voting_opens_at": f"{YEAR}-05-01T10:00",
    "voting_closes_at": f"{YEAR}-06-01T10:00",
    "results_visibility": "after_decision",
    "campaigns_per_candidate": "3",
    "campaign_gap_hours": "24",
    "reminder_limit": "1",
}


def page_of(conference):
    return f"{LIST}{conference.pk}/change/"


def typed(client, conference, **changes):
    """What a browser would send from the conference's page: disabled inputs are left out."""
    form = client.get(page_of(conference)).context["adminform"].form
    sent = {f.name: f.value() for f in form if not f.field.widget.attrs.get("disabled")}
    rendered = {
        n: v.strftime("%Y-%m-%dT%H:%M") if isinstance(v, datetime) else "" if v is None else v
        for n, v in sent.items()
    }
    return rendered | changes


def test_new_conference_leads_to_its_overview(as_organiser):
    answer = as_organiser.post(f"{LIST}add/", NEW)
    made = Conference.objects.get(slug="pycon")
    assert answer.url.partition("?")[0] == f"{LIST}{made.pk}/"
    page = parse(as_organiser.get(answer.url))
    assert page.has("#line-published.is-refuses")
    assert "last time" not in page.text
    assert "not copied" not in page.text


@pytest.mark.parametrize(("button", "leads_to"), [("_continue", "{pk}/change/")])
def test_other_buttons_lead_where_they_say(as_organiser, button, leads_to):
    answer = as_organiser.post(f"{LIST}add/", NEW | {button: "1"})
    assert answer.url == LIST + leads_to.format(pk=Conference.objects.get(slug="pycon").pk)


def test_times_are_entered_in_the_zone_that_is_entered(as_organiser):
    as_organiser.post(f"{LIST}add/", NEW)
    conference = Conference.objects.get(slug="pycon")
    assert conference.starts_at == datetime(YEAR, 7, 1, 7, 0, tzinfo=UTC)
    assert conference.election.closes_at == datetime(YEAR, 6, 1, 8, 0, tzinfo=UTC)


def test_who_creates_a_conference_is_recorded(as_organiser, organiser):
    as_organiser.post(f"{LIST}add/", NEW)
    assert Conference.objects.get(slug="pycon").created_by == organiser


def test_times_are_shown_in_the_conferences_zone(as_organiser):
    berlin = make_conference(
        time_zone="Europe/Berlin",
        starts_at=datetime(2030, 7, 1, 7, 0, tzinfo=UTC),
        ends_at=datetime(2030, 7, 2, 7, 0, tzinfo=UTC),
    )
    html = parse(as_organiser.get(page_of(berlin)))
    assert "2030-07-01T09:00" in html.attributes("input", "value")
    assert "Time in Europe/Berlin." in html.text


def test_a_time_that_the_zone_skips_is_refused(as_organiser):
    page = as_organiser.post(f"{LIST}add/", NEW | {"starts_at": "2030-03-31T02:30"})
    assert "starts_at" in page.context["adminform"].form.errors
    assert not Conference.objects.filter(slug="pycon").exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"time_zone": "Mars/Olympus"},
        {"starts_at": "0001-01-01T00:00"},
        {"starts_at": "9999-12-31T23:59"},
        {"starts_at": "soon"},
        {"ends_at": "2030-06-30T00:00"},
        {"voting_closes_at": "2030-04-01T00:00"},
        {"voting_closes_at": ""},
        {"title": "Two\nlines"},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "nul\0byte"},
        {"agenda": "lone \ud800 surrogate"},
        {"slug": "not a slug"},
        {"website": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_bad_input_is_shown_again_and_nothing_is_stored(as_organiser, bad):
    page = as_organiser.post(
        f"{LIST}add/", {k: v.encode("utf-8", "surrogatepass") for k, v in (NEW | bad).items()}
    )
    assert page.status_code == 200
    assert page.context["errors"]
    assert not Conference.objects.exists()


def test_voting_that_would_close_in_the_past_is_refused(as_organiser):
    past = {"voting_opens_at": "2020-01-01T00:00", "voting_closes_at": "2020-02-01T00:00"}
    page = as_organiser.post(f"{LIST}add/", NEW | past)
    assert "This time has passed." in parse(page).text


def test_change_of_the_visibility_is_in_the_audit_log(as_organiser, conference):
    as_organiser.post(page_of(conference), typed(as_organiser, conference, visibility="members_only"))
    assert Conference.objects.get(pk=conference.pk).visibility == "members_only"
    assert "Visibility: Members only" in AdminAct.objects.get(act="change").what


def test_members_who_joined_a_conference_without_a_list_stay_hidden_in_it(as_organiser):
    conference = make_conference(members_are_listed=False)
    undecided, shown = make_membership(conference), make_membership(conference, is_listed=True)
    as_organiser.post(page_of(conference), typed(as_organiser, conference, members_are_listed="on"))
    assert list(Membership.objects.order_by("pk").values_list("is_listed", flat=True)) == [False, True]
    later = make_membership(conference)
    assert list(Membership.objects.shown().order_by("pk")) == [shown, later]
    assert undecided not in Membership.objects.shown()


def test_an_edit_is_stored(as_organiser, conference):
    answer = as_organiser.post(page_of(conference), typed(as_organiser, conference, title="New title"))
    conference.refresh_from_db()
    assert (answer.status_code, conference.title) == (302, "New title")


def test_saving_unchanged_keeps_the_voting_window_to_the_microsecond(as_organiser):
    closed = make_conference(voting="closed")
    as_organiser.post(page_of(closed), typed(as_organiser, closed, title="Other"))
    stored = Conference.objects.get(pk=closed.pk)
    assert (stored.election.opens_at, stored.election.closes_at) == (
        closed.election.opens_at,
        closed.election.closes_at,
    )


def test_closed_voting_cannot_be_reopened(as_organiser):
    closed = make_conference(voting="closed")
    later = (timezone.now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    page = as_organiser.post(page_of(closed), typed(as_organiser, closed, voting_closes_at=later))
    assert "Voting is over and the count is final" in parse(page).text
    assert Conference.objects.get(pk=closed.pk).election.closes_at == closed.election.closes_at


def test_the_window_cannot_be_cleared_after_the_close(as_organiser):
    closed = make_conference(voting="closed")
    cleared = {"voting_opens_at": "", "voting_closes_at": ""}
    as_organiser.post(page_of(closed), typed(as_organiser, closed, **cleared))
    assert Conference.objects.get(pk=closed.pk).election.closes_at == closed.election.closes_at


def test_the_window_is_fixed_once_a_speaker_is_chosen(as_organiser, conference, alice):
    update_elections(decided_at=timezone.now())
    later = (timezone.now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    as_organiser.post(page_of(conference), typed(as_organiser, conference, voting_closes_at=later))
    assert Conference.objects.get(pk=conference.pk).election.closes_at == conference.election.closes_at


WINDOW = ["election__opens_at", "election__closes_at", "election__updated_at"]
COLUMNS = ["status", "time_zone", "updated_at", *WINDOW]
FIXED = ["voting_opens_at", "voting_closes_at", "time_zone"]


def test_the_window_of_an_open_vote_is_shown_as_fixed(as_organiser, conference):
    form = as_organiser.get(page_of(conference)).context["adminform"].form
    assert [f.name for f in form if f.field.widget.attrs.get("disabled")] == [
        "time_zone",
        "members_are_listed",
        "one_account_per_mailbox",
        "voting_opens_at",
        "voting_closes_at",
    ]


@pytest.mark.parametrize("column", FIXED)
@pytest.mark.parametrize("value", ["later", ""])
def test_what_an_open_vote_depends_on_is_not_changed_in_the_form(as_organiser, conference, column, value):
    later = f"{timezone.now() + timedelta(days=5):%Y-%m-%dT%H:%M}"
    values = {"time_zone": "Asia/Tokyo"}
    value = value and values.get(column, later)
    before = Conference.objects.values(*COLUMNS).get()
    page = as_organiser.post(page_of(conference), typed(as_organiser, conference, **{column: value}))
    assert column in page.context["adminform"].form.errors
    assert Conference.objects.values(*COLUMNS).get() == before


def test_the_refusal_names_the_acts_that_change_an_open_vote(as_organiser, conference):
    page = as_organiser.post(page_of(conference), typed(as_organiser, conference, voting_closes_at=""))
    errors = page.context["adminform"].form.errors["voting_closes_at"]
    assert "use “Move the deadline” or “Close voting now” on the page “Turnout”" in errors[0]


def test_a_form_that_was_opened_before_the_vote_opened_is_refused(as_organiser):
    soon = make_conference(voting="scheduled")
    moved = f"{soon.election.closes_at + timedelta(days=1):%Y-%m-%dT%H:%M}"
    stale = typed(as_organiser, soon, voting_closes_at=moved)
    update_elections(opens_at=timezone.now())
    page = as_organiser.post(page_of(soon), stale)
    assert "Voting has opened, so this is fixed." in parse(page).text
    assert Conference.objects.get().election.closes_at == soon.election.closes_at


def test_a_window_that_has_not_opened_is_changed_freely(as_organiser):
    soon = make_conference(voting="scheduled")
    as_organiser.post(page_of(soon), typed(as_organiser, soon, voting_opens_at="", voting_closes_at=""))
    assert Conference.objects.get().election.closes_at is None


def test_other_columns_of_an_open_vote_can_be_changed(as_organiser, conference):
    as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Another title"))
    stored = Conference.objects.get()
    assert (stored.title, stored.election.closes_at) == ("Another title", conference.election.closes_at)


def on(day):
    return f"{day:%Y-%m-%dT%H:%M}"


def slips():
    now = timezone.now()
    return [
        ("voting_closes_at", {"voting_closes_at": f"{YEAR + 45}-06-01T10:00"}),
        ("voting_closes_at", {"ends_at": f"{YEAR}-05-30T10:00", "starts_at": f"{YEAR}-05-29T10:00"}),
        (
            "voting_opens_at",
            {
                "voting_opens_at": on(now + timedelta(days=800)),
                "voting_closes_at": on(now + timedelta(days=801)),
                "starts_at": on(now + timedelta(days=900)),
                "ends_at": on(now + timedelta(days=901)),
            },
        ),
        ("ends_at", {"ends_at": f"{YEAR + 1}-07-03T10:00"}),
        ("ends_at", {"ends_at": f"{YEAR}-06-30T10:00"}),
        ("starts_at", {"starts_at": f"{YEAR + 60}-07-01T10:00", "ends_at": f"{YEAR + 60}-07-02T10:00"}),
        ("starts_at", {"starts_at": "9999-07-01T10:00"}),
        ("starts_at", {"starts_at": "0001-07-01T10:00"}),
    ]


@pytest.mark.parametrize(("column", "dates"), slips())
def test_dates_that_must_be_slips_are_refused(as_organiser, column, dates):
    page = as_organiser.post(f"{LIST}add/", NEW | dates)
    assert column in page.context["adminform"].form.errors
    assert not Conference.objects.exists()


def test_strange_dates_that_are_stored_do_not_keep_the_rest_from_being_changed(as_organiser):
    now = timezone.now()
    old = make_conference(voting="scheduled", ends_at=now + timedelta(days=900))
    as_organiser.post(page_of(old), typed(as_organiser, old, title="Another title"))
    assert Conference.objects.get().title == "Another title"


def test_a_page_opened_before_the_close_cannot_reopen_voting(as_organiser, conference):
    stale = typed(as_organiser, conference, title="Stale")
    closed_at = timezone.now()
    update_elections(closes_at=closed_at)
    as_organiser.post(page_of(conference), stale)
    stored = Conference.objects.get(pk=conference.pk)
    assert (stored.election.closes_at, stored.title) == (closed_at, "Open Conf")


def test_a_page_opened_before_the_decision_keeps_the_speaker(as_organiser, conference, alice):
    stale = typed(as_organiser, conference, title="Stale")
    update_elections(speaker=alice)
    as_organiser.post(page_of(conference), stale)
    assert Conference.objects.get(pk=conference.pk).election.speaker == alice


def test_what_another_organiser_saved_meanwhile_is_not_overwritten(as_organiser, conference):
    mine = typed(as_organiser, conference, title="Mine")
    as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Theirs"))
    page = as_organiser.post(page_of(conference), mine)
    shown = parse(page)
    assert "through another organiser or in another tab of yours, so nothing was saved" in shown.text
    assert "You and they have changed: Title." in shown.part("#stale").text
    assert "Please correct" not in shown.text
    assert "It is now: Theirs" in shown.text
    assert shown.field("title")["value"] == "Mine"
    assert Conference.objects.get(pk=conference.pk).title == "Theirs"


def test_saving_again_after_that_warning_stores_it(as_organiser, conference):
    mine = typed(as_organiser, conference, title="Mine")
    as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Theirs"))
    warned = as_organiser.post(page_of(conference), mine).context["adminform"].form
    as_organiser.post(page_of(conference), mine | {"version": warned["version"].value()})
    assert Conference.objects.get(pk=conference.pk).title == "Mine"


def test_what_was_not_touched_in_an_old_form_is_as_it_is_stored_now(as_organiser, conference):
    mine = typed(as_organiser, conference, topic="Mine")
    theirs = {"title": "Theirs", "agenda": "Their\r\nagenda", "visibility": "unlisted"}
    closes = {"campaign_gap_hours": 7}
    as_organiser.post(page_of(conference), typed(as_organiser, conference, **theirs, **closes))
    page = as_organiser.post(page_of(conference), mine)
    assert not parse(page).has(".errorlist")
    assert "Save again to store it." in parse(page).part("#stale").text
    form = page.context["adminform"].form
    again = {f.name: f.value() for f in form if f.name in form.data}
    assert as_organiser.post(page_of(conference), again).status_code == 302
    stored = Conference.objects.get()
    assert (stored.topic, stored.title, stored.agenda) == ("Mine", "Theirs", "Their\nagenda")
    assert (stored.visibility, stored.election.campaign_gap_hours) == ("unlisted", 7)


def test_box_that_another_organiser_ticked_stays_ticked_in_an_old_form(as_organiser):
    draft = make_conference(status="draft", members_are_listed=True, one_account_per_mailbox=True)
    mine = typed(as_organiser, draft, topic="Mine", members_are_listed="on", one_account_per_mailbox="on")
    theirs = typed(as_organiser, draft)
    del theirs["members_are_listed"]
    theirs["one_account_per_mailbox"] = "on"
    as_organiser.post(page_of(draft), theirs)
    page = parse(as_organiser.post(page_of(draft), mine))
    assert "checked" not in page.field("members_are_listed")
    assert "checked" in page.field("one_account_per_mailbox")


def test_the_same_change_by_two_is_no_conflict(as_organiser, conference):
    mine = typed(as_organiser, conference, title="Ours", topic="Mine")
    as_organiser.post(page_of(conference), typed(as_organiser, conference, title="Ours"))
    page = as_organiser.post(page_of(conference), mine)
    assert "You and they have changed" not in parse(page).text


def test_old_form_without_what_was_shown_lists_all_that_differs(as_organiser, conference):
    mine = typed(as_organiser, conference, title="Mine") | {"version": "x"}
    page = parse(as_organiser.post(page_of(conference), mine))
    assert "You and they have changed: Title." in page.part("#stale").text


def test_the_speaker_cannot_be_set_by_the_form(as_organiser, conference, alice):
    as_organiser.post(page_of(conference), typed(as_organiser, conference, speaker=alice.pk))
    assert Conference.objects.get(pk=conference.pk).election.speaker is None


@pytest.mark.parametrize("status", Conference.Status.values)
def test_the_form_neither_publishes_nor_takes_off_what_it_shows(as_organiser, status):
    changed = {"stopped_at": timezone.now()} if status == "cancelled" else {}
    conference = make_conference(status=status, **changed)
    for wanted in Conference.Status.values:
        as_organiser.post(page_of(conference), typed(as_organiser, conference, status=wanted))
        assert Conference.objects.get(pk=conference.pk).status == status


ACTS = {
    "draft": ("Draft", ["publish/"]),
    "active": ("Published", ["unpublish/", "cancel/"]),
    "inactive": ("Inactive", ["publish/"]),
    "cancelled": ("Cancelled", ["reinstate/"]),
}


@pytest.mark.parametrize("status", ACTS)
def test_the_form_leads_to_the_acts_that_change_the_status(as_organiser, status):
    changed = {"stopped_at": timezone.now()} if status == "cancelled" else {}
    conference = make_conference(status=status, **changed)
    label, acts = ACTS[status]
    row = parse(as_organiser.get(page_of(conference))).part(".field-published .readonly")
    assert row.text.startswith(label)
    assert row.links == [f"{LIST}{conference.pk}/{act}" for act in acts]
    for link in row.links:
        assert as_organiser.get(link).status_code == 200


def test_a_new_conference_is_a_draft_whatever_was_sent(as_organiser):
    as_organiser.post(f"{LIST}add/", NEW | {"status": "active"})
    assert Conference.objects.get().status == "draft"


def test_a_published_address_stays(as_organiser, conference):
    as_organiser.post(page_of(conference), typed(as_organiser, conference, slug="moved"))
    assert Conference.objects.get(pk=conference.pk).slug == "open-conf"


def run(client, action, *conferences):
    data = {"action": action, "_selected_action": [c.pk for c in conferences]}
    answer = client.post(LIST, data, follow=True)
    return [str(m) for m in answer.context["messages"]] if answer.status_code == 200 else []


def test_publishing_tells_what_was_skipped(as_organiser):
    drafts = [make_conference(status="draft") for _ in range(3)]
    shown = run(as_organiser, "publish_selected", make_conference(), *drafts)
    assert shown == ["3 conferences published. Skipped: 1 (already published)."]
    assert Conference.objects.filter(status="active").count() == 4


def test_deactivating_twice_changes_nothing_more(as_organiser):
    conference = make_conference(voting="scheduled")
    assert run(as_organiser, "deactivate_selected", conference) == ["1 conference deactivated."]
    assert run(as_organiser, "deactivate_selected", conference) == [
        "0 conferences deactivated. Skipped: 1 (already inactive)."
    ]


def test_a_conference_whose_vote_is_open_is_not_deactivated(as_organiser, conference):
    said = run(as_organiser, "deactivate_selected", conference)
    assert said[0].startswith("Voting is open at Open Conf. Close it first on the page “Turnout”")
    assert Conference.objects.get().status == "active"


def test_a_conference_without_members_can_be_deleted(as_organiser):
    mistake = make_conference(status="draft")
    as_organiser.post(f"{LIST}{mistake.pk}/delete/", {"post": "yes"})
    assert not Conference.objects.filter(pk=mistake.pk).exists()


def test_a_conference_with_members_is_kept(as_organiser, conference, alice):
    page = as_organiser.post(f"{LIST}{conference.pk}/delete/", {"post": "yes"})
    assert "so it cannot be deleted like this" in parse(page).text
    assert Conference.objects.filter(pk=conference.pk).exists()


@pytest.mark.parametrize("query", ["q=open", "status__exact=active", "when=upcoming", "voting=open"])
def test_list_is_searched_and_filtered(as_organiser, conference, query):
    make_conference(title="Far away", starts_in_days=-30, status="inactive")
    assert list(as_organiser.get(f"{LIST}?{query}").context["cl"].result_list) == [conference]


@pytest.mark.parametrize(
    "query", ["when=nonsense", "voting=nonsense", "starts_at__year=2030", "q=%25_%5C", "p=99999"]
)
def test_odd_addresses_of_the_list_are_answered(as_organiser, conference, query):
    assert as_organiser.get(f"{LIST}?{query}", follow=True).status_code == 200


def add_conferences(number):
    for _ in range(number):
        make_membership(make_conference(voting="open"))


@pytest.mark.parametrize("path", [LIST, "/admin/conferences/membership/"])
def test_list_costs_the_same_queries_with_more_rows(as_organiser, path):
    add_conferences(1)
    with CaptureQueriesContext(connection) as few:
        as_organiser.get(path)
    add_conferences(3)
    with CaptureQueriesContext(connection) as many:
        as_organiser.get(path)
    assert len(many) == len(few)


@pytest.mark.parametrize("words", ["bob", "bob@", "open conf"])
def test_members_are_found_by_name_address_and_conference(as_organiser, conference, words):
    bob = make_membership(conference, user=make_user("bob@example.org", name="Bob"))
    found = as_organiser.get("/admin/conferences/membership/", {"q": words}).context["cl"].result_list
    assert list(found) == [bob]


def test_a_membership_cannot_be_changed(as_organiser, alice):
    path = f"/admin/conferences/membership/{alice.pk}/change/"
    assert as_organiser.get(path).status_code == 200
    assert as_organiser.post(path, {"accepts_votes": ""}).status_code == 403
    assert as_organiser.post(f"/admin/conferences/membership/{alice.pk}/delete/").status_code == 403


ENTRY_PATHS = [LIST, f"{LIST}add/", "/admin/conferences/membership/"]


@pytest.mark.parametrize("path", ENTRY_PATHS)
def test_no_one_enters_without_logging_in(client, path, db):
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("path", ENTRY_PATHS)
def test_members_do_not_enter(as_alice, path):
    assert as_alice.get(path).status_code == 302


@pytest.mark.parametrize("path", ENTRY_PATHS)
def test_staff_without_permission_do_not_enter(client, path, db):
    client.force_login(make_user("staff@example.org", is_staff=True))
    assert client.get(path).status_code == 403


def test_staff_without_permission_cannot_publish(client, db):
    draft = make_conference(status="draft")
    client.force_login(make_user("staff@example.org", is_staff=True))
    assert run(client, "publish_selected", draft) == []
    assert Conference.objects.get(pk=draft.pk).status == "draft"


@pytest.mark.parametrize("path", [*ENTRY_PATHS, "/admin/"])
def test_organisers_enter(as_organiser, path):
    assert as_organiser.get(path).status_code == 200


def test_list_begins_with_what_is_next_and_ends_with_the_oldest(as_organiser):
    Conference.objects.all().delete()
    now = timezone.now()
    for days in (-30, 60, -3, 2, 0):
        start = now + timedelta(days=days, hours=-1)
        make_conference(title=f"In {days} days", starts_at=start, ends_at=start + timedelta(hours=9))
    page = parse(as_organiser.get("/admin/conferences/conference/"))
    assert page.texts(".field-full_title") == [f"In {days} days" for days in (0, 2, 60, -3, -30)]
    assert page.title.startswith("Conferences |")


def test_history_is_a_page_of_the_conference_in_its_time_zone(as_organiser, organiser):
    conference = make_conference(title="Zone Conf", time_zone="Asia/Kolkata")
    by = Actor(organiser)
    log_change(by=by, target=conference, what="Moved.")
    page = parse(as_organiser.get(f"{LIST}{conference.pk}/history/"))
    at = AdminAct.objects.get().at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert (page.texts("h1")[-1], page.has(".tabs")) == ("Zone Conf", True)
    assert page.texts("#change-history tbody th")[0].endswith(f"{at:%H:%M}")
