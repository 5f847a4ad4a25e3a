"""Publishing a conference: the page names what follows, and nothing is green while voting will not open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.admission import only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.elections.election.models import Election
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.roll.actions import freeze_opened_rolls
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_conference(title="Bread Conf", voting="scheduled", status="draft", place="Athens", agenda="x")


@pytest.fixture
def overdue():
    """A draft whose vote was to open a day ago."""
    return make_conference(title="Bread Conf", voting="open", status="draft", place="Athens", agenda="x")


def url_of(conference, end=""):
    return f"/admin/conferences/conference/{conference.pk}/{end}"


def status_of(conference):
    return Conference.objects.get(pk=conference.pk).status


def consequences(client, conference):
    return parse(client.get(url_of(conference, "publish/"))).texts(".desk-consequences li")


def test_publishing_is_the_next_step_once_the_rest_is_settled(as_organiser, draft):
    page = parse(as_organiser.get(url_of(draft)))
    assert page.attributes(".overview-step .button", "href") == [url_of(draft, "publish/")]


def test_page_names_who_sees_it_and_when_voting_opens(as_organiser, draft):
    said = consequences(as_organiser, draft)
    assert said[0].startswith("Everyone can open its page")
    assert any(sentence.startswith("Voting opens on ") for sentence in said)
    assert status_of(draft) == "draft"


def test_page_shows_the_web_address_that_is_fixed_then_with_a_link_to_change_it(as_organiser, draft):
    page = parse(as_organiser.get(url_of(draft, "publish/")))
    assert draft.get_absolute_url() in page.part(".desk-consequences").text
    link = url_of(draft, "change/#id_slug")
    assert link in page.links
    assert parse(as_organiser.get(link)).has("input#id_slug")


def test_web_address_of_one_that_is_published_again_is_not_said_to_be_open(as_organiser, draft):
    Conference.objects.update(status="inactive")
    assert not parse(as_organiser.get(url_of(draft, "publish/"))).mentions("web address")


def test_page_counts_the_people_on_the_roster_who_can_be_invited(as_organiser, draft):
    make_entry(draft)
    assert any(
        "1 person on the roster has not joined yet" in text for text in consequences(as_organiser, draft)
    )


def test_page_names_what_keeps_voting_from_opening_even_then(as_organiser, draft):
    Election.objects.update(rules_set_at=None)
    assert consequences(as_organiser, draft)[-1] == "Voting will not open yet: the rules are not set."


def test_publishing_twice_publishes_once(as_organiser, draft, mailoutbox):
    for _ in range(2):
        assert as_organiser.post(url_of(draft, "publish/")).status_code == 302
    assert status_of(draft) == "active"
    assert AdminAct.objects.filter(what="Published.").count() == 1
    assert mailoutbox == []


def test_nothing_is_green_while_voting_will_not_open(as_organiser, draft):
    Election.objects.update(rules_set_at=None)
    page = parse(as_organiser.post(url_of(draft, "publish/"), follow=True))
    assert page.texts(".messagelist .success") == []
    assert status_of(draft) == "active"


def test_cancelled_conference_is_not_published(as_organiser, draft):
    Conference.objects.update(status="cancelled", stopped_at=draft.starts_at)
    page = parse(as_organiser.post(url_of(draft, "publish/")))
    assert "This conference is cancelled." in page.part(".desk-panel").text
    assert status_of(draft) == "cancelled"


@pytest.mark.parametrize(("role", "status"), [(Role.ORGANISER, 302), (Role.REVIEWER, 403)])
def test_only_those_who_may_change_it_publish_it(client, draft, role, status):
    log_in_freshly(client, make_team_member(draft, role).person)
    assert client.post(url_of(draft, "publish/")).status_code == status


def test_another_teams_draft_does_not_exist(client, draft):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert client.post(url_of(draft, "publish/")).status_code == 404
    assert status_of(draft) == "draft"


def test_deleting_is_offered_to_those_who_may(client, as_organiser, draft):
    link = url_of(draft, "delete-with-team/")
    assert link in parse(as_organiser.get(url_of(draft))).links
    log_in_freshly(client, make_team_member(draft, Role.ORGANISER).person)
    assert link not in parse(client.get(url_of(draft))).links


# --- the time of the vote comes while it is a draft ----------------------------------------------


def test_vote_of_a_draft_is_not_open_and_publishing_is_the_next_step(as_organiser, overdue):
    page = parse(as_organiser.get(url_of(overdue)))
    assert "It is a draft. Voting opens as soon as it is published" in page.part(".overview-state").text
    assert page.attributes(".overview-step .button", "href") == [url_of(overdue, "publish/")]
    assert not page.mentions("Voting is open") | page.mentions("Nothing is left")


def test_page_promises_no_change_of_times_if_voting_opens_at_once(as_organiser, overdue):
    said = parse(as_organiser.get(url_of(overdue, "publish/"))).texts(".desk-consequences li")
    assert "Voting opens at once, so only its deadline can be moved from then on." in said


def test_dashboard_leads_to_publishing_a_draft_whose_time_has_come(as_organiser, overdue):
    page = parse(as_organiser.get("/admin/")).part("#dashboard")
    assert "It is a draft. Voting opens as soon as it is published" in page.text
    assert page.attributes(".runs-step a", "href") == [url_of(overdue, "publish/")]


def test_list_of_conferences_does_not_call_the_vote_of_a_draft_open(as_organiser, overdue):
    page = parse(as_organiser.get("/admin/conferences/conference/"))
    assert page.texts("#result_list .field-voting") == ["Opens when it is published"]


@pytest.mark.parametrize("tab", ["turnout", "decision"])
def test_pages_of_the_vote_of_a_draft_have_no_opening_in_the_past(as_organiser, overdue, tab):
    page = parse(as_organiser.get(f"/admin/voting/votes/{overdue.pk}/{tab}/"))
    assert not page.mentions("Voting is open") | page.mentions("Voting opens on")


def test_vote_of_a_draft_is_frozen_and_counted_by_no_worker(overdue):
    make_conference(voting="closed", status="draft")
    assert freeze_opened_rolls() == 0
    assert publish_closed_ballots() == []


def test_page_says_that_voting_opens_immediately(as_organiser, overdue):
    said = consequences(as_organiser, overdue)
    assert any(sentence.startswith("Voting opens immediately") for sentence in said)


def test_voting_that_was_due_opens_when_it_is_published(as_organiser, overdue):
    before = timezone.now() - timedelta(minutes=1)
    as_organiser.post(url_of(overdue, "publish/"))
    assert status_of(overdue) == "active"
    election = Election.objects.select_related("conference").get()
    assert election.opens_at > before
    assert election.is_open()


def test_publishing_again_does_not_move_the_opening(as_organiser, overdue):
    as_organiser.post(url_of(overdue, "publish/"))
    opened = Election.objects.get().opens_at
    Conference.objects.update(status="inactive")
    as_organiser.post(url_of(overdue, "publish/"))
    assert Election.objects.get().opens_at == opened


def test_opening_that_is_ahead_stays(as_organiser, draft):
    as_organiser.post(url_of(draft, "publish/"))
    assert Election.objects.get().opens_at == draft.election.opens_at


def test_draft_whose_vote_would_be_over_asks_for_other_times(as_organiser):
    late = make_conference(voting="closed", status="draft", place="Athens", agenda="x")
    page = parse(as_organiser.get(url_of(late)))
    assert "its time has passed" in page.part(".overview-missing").text
    assert page.attributes(".overview-step .button", "href") == [url_of(late, "create/when/")]


# --- what is better done before ------------------------------------------------------------------


def warnings(client, conference):
    return " ".join(parse(client.get(url_of(conference, "publish/"))).texts(".desk-warning li"))


def test_page_warns_of_an_open_vote_without_candidates(as_organiser, overdue):
    assert "There are no candidates yet" in warnings(as_organiser, overdue)
    make_pitch(make_membership(overdue))
    assert warnings(as_organiser, overdue) == ""


def same_as(draft, **columns):
    found = make_conference(title="bread conf", voting=None)
    times = {"starts_at": draft.starts_at, "ends_at": draft.ends_at}
    Conference.objects.filter(pk=found.pk).update(**times | columns)
    return found


def test_page_warns_of_a_conference_with_the_same_title_and_dates(as_organiser, draft):
    other = same_as(draft)
    assert "Another conference has this title and these dates" in warnings(as_organiser, draft)
    links = parse(as_organiser.get(url_of(draft, "publish/"))).attributes(".desk-warning a", "href")
    assert links == [other.get_absolute_url()]


@pytest.mark.parametrize(
    "columns",
    [
        {"title": "Bread Conf North"},
        {"status": "draft"},
        {"status": "cancelled", "stopped_at": timezone.now()},
        {
            "starts_at": timezone.now() + timedelta(days=500),
            "ends_at": timezone.now() + timedelta(days=501),
        },
    ],
)
def test_page_does_not_warn_of_another_title_or_time_or_one_that_is_not_published(
    as_organiser, draft, columns
):
    same_as(draft, **columns)
    assert warnings(as_organiser, draft) == ""


@pytest.mark.parametrize(
    ("visibility", "warns"), [("public", True), ("unlisted", False), ("members_only", False)]
)
def test_page_warns_of_no_other_teams_conference_that_no_list_has(client, draft, visibility, warns):
    same_as(draft, visibility=visibility)
    log_in_freshly(client, make_team_member(draft, Role.OWNER).person)
    assert ("Another conference" in warnings(client, draft)) is warns


def test_page_warns_of_no_candidates_only_if_voting_opens_immediately(as_organiser, draft):
    assert warnings(as_organiser, draft) == ""


def test_page_warns_of_an_empty_list_and_then_that_no_one_is_invited(as_organiser, draft):
    only(draft, roster=True)
    assert "is empty" in warnings(as_organiser, draft)
    make_entry(draft)
    assert "No one is invited yet." in warnings(as_organiser, draft)
